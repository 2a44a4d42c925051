// A signature drawn with pointer or finger becomes SVG path data in a hidden field; a typed name shows in the same place.
const WIDTH = 320;
const HEIGHT = 88;
const LONGEST = 20000; // the server refuses more

export const begin = (pad) => {
  const surface = pad.querySelector(".signpad");
  const drawing = pad.querySelector("svg");
  const line = pad.querySelector("svg path");
  const shown = pad.querySelector(".sign-typed");
  const path = pad.querySelector('input[name$="_path"]');
  const typed = pad.querySelector('input[name$="_typed"]');
  let pen = null;

  const place = (event) => {
    const spot = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse());
    const within = (value, most) => Math.round(Math.min(most, Math.max(0, value)) * 10) / 10;
    return `${within(spot.x, WIDTH)} ${within(spot.y, HEIGHT)}`;
  };
  const keep = (data) => {
    if (data.length > LONGEST) return;
    path.value = data;
    line.setAttribute("d", data);
    shown.textContent = data ? "" : typed.value;
    path.dispatchEvent(new Event("input", { bubbles: true }));
  };

  surface.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    pen = event.pointerId;
    surface.setPointerCapture(pen);
    const start = place(event);
    keep(`${path.value}M${start}L${start}`);
  });
  surface.addEventListener("pointermove", (event) => {
    if (event.pointerId === pen) keep(`${path.value}L${place(event)}`);
  });
  const lift = (event) => {
    if (event.pointerId === pen) pen = null;
  };
  surface.addEventListener("pointerup", lift);
  surface.addEventListener("pointercancel", lift);
  pad.querySelector("[data-clear]").addEventListener("click", () => keep(""));
  typed.addEventListener("input", () => {
    if (!path.value) shown.textContent = typed.value;
  });
};
