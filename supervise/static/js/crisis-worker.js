// Keeps the crisis page and what it needs in the browser. Every other page always comes from the server and is never
// kept: only when the server does not answer at all, the numbers are shown in its place.
const KEPT = "crisis-2";
const base = new URL("./", self.registration.scope);
const page = new URL("crisis/kept", base).href;
const AGAIN = 5 * 60 * 1000;
let last = 0;

const keep = async () => {
  const answer = await fetch(page, { credentials: "same-origin", cache: "no-store" });
  if (!answer.ok) return;
  const text = await answer.clone().text();
  const parts = [...text.matchAll(/(?:href|src)="([^"]*\/static\/[^"]+)"/g)].map((found) => new URL(found[1], page).href);
  const kept = await caches.open(KEPT);
  await kept.put(page, answer);
  await Promise.all([...new Set(parts)].map((part) => kept.add(part).catch(() => {})));
  last = Date.now();
};

const shown = async (request) => {
  try {
    const answer = await fetch(request);
    const down = new URL(request.url).pathname === new URL("crisis", base).pathname && answer.status >= 500;
    return (down && (await caches.match(page))) || answer;
  } catch {
    return (await caches.match(page)) ?? Response.error();
  }
};

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keep().catch(() => {}));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate" && request.method === "GET") {
    event.respondWith(shown(request));
    if (Date.now() - last > AGAIN) event.waitUntil(keep().catch(() => {}));
  } else if (request.method === "GET" && new URL(request.url).pathname.includes("/static/")) {
    event.respondWith(fetch(request).catch(async () => (await caches.match(request)) ?? Response.error()));
  }
});
