// Copies a code of the system to the clipboard and says so beside the button.
export const begin = (place) => {
  const says = place.querySelector('[role="status"]');
  place.querySelector("button").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(place.dataset.copy);
      says.textContent = "copied";
    } catch {
      getSelection().selectAllChildren(place.querySelector(".num"));
      says.textContent = "marked; copy it with the keyboard";
    }
  });
};
