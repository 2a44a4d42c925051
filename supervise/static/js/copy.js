// Copies a code of the system, or what stands in a field, to the clipboard and says so beside the button.
export const begin = (place) => {
  const says = place.querySelector('[role="status"]');
  const field = document.getElementById(place.dataset.copyFrom);
  place.querySelector("button").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field ? field.value : place.dataset.copy);
      says.textContent = "copied";
    } catch {
      if (field) field.select();
      else getSelection().selectAllChildren(place.querySelector(".num"));
      says.textContent = "marked; copy it with the keyboard";
    }
  });
};
