// A page that shows how something stands: it is loaded anew as soon as the server says that it stands otherwise.
const EVERY = 10 * 1000;

export const begin = (element) => {
  const look = async () => {
    const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
    if (!answer?.ok) return;
    const there = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
    if (there?.dataset.live !== element.dataset.live) location.reload();
  };
  setInterval(look, EVERY);
};
