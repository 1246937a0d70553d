/* Maps that move together: those of one page whose specification names the same group.
 *
 * Each map is a frame of its own in the page, so they talk by events on the page's window;
 * the maps of other tabs do not hear them. Every message tells who sends it and the view.
 *   view     the sender moved; "settled" when it came to rest
 *   ask      the sender has joined and wants the view; "answer" gives it, "to" the one asking
 *   pointer  where the sender's pointer is; "away" when it has gone
 */
window.atlas.sync = (function () {
  "use strict";
  const EVENT = "atlas-sync";
  const ME = String(Math.random()).slice(2);
  const page = window.frameElement ? window.parent : null;
  const state = { map: null, group: null, wanted: null, following: false, cross: null };

  /* Whether a map of the group gave its view. Without a group the map leaves the one it is in. */
  function join(map, group) {
    state.wanted = group;
    if (!page || group === state.group) { return false; }
    if (state.group !== null) { leave(); }
    if (group === null) { return false; }
    if (!state.map) { listen(map); }
    state.group = group;
    page.addEventListener(EVENT, hear);
    state.answered = false;
    send("ask");
    return state.answered;
  }

  function leave() {
    if (state.group === null) { return; }
    send("away");
    page.removeEventListener(EVENT, hear);
    state.group = null;
    uncross();
  }

  function listen(map) {
    state.map = map;
    const pane = map.createPane("atlas-cross");
    pane.style.zIndex = 640;
    pane.style.pointerEvents = "none";
    map.on("move", function () { tell(false); });
    map.on("moveend", function () { tell(true); });
    map.getContainer().addEventListener("pointermove", point);
    map.getContainer().addEventListener("pointerleave", function () { send("away"); });
    window.addEventListener("pagehide", leave);
    window.addEventListener("pageshow", function () { join(map, state.wanted); });
  }

  function tell(settled) {
    if (!state.following) { send("view", { settled: settled }); }
  }

  function point(event) {
    if (event.pointerType === "touch") { return; }
    uncross();
    const place = state.map.mouseEventToLatLng(event);
    send("pointer", { pointer: [place.lat, place.lng] });
  }

  function send(kind, more) {
    if (state.group === null) { return; }
    const centre = state.map.getCenter();
    const view = { group: state.group, from: ME, kind: kind,
      centre: [centre.lat, centre.lng], zoom: state.map.getZoom() };
    page.dispatchEvent(new CustomEvent(EVENT, { detail: Object.assign(view, more) }));
  }

  function hear(event) {
    const told = event.detail;
    if (told.group !== state.group || told.from === ME) { return; }
    if (told.kind === "view") { follow(told, told.settled); }
    if (told.kind === "ask") { send("answer", { to: told.from }); }
    if (told.kind === "answer" && told.to === ME) { state.answered = true; follow(told, true); }
    if (told.kind === "pointer") { cross(told.pointer); }
    if (told.kind === "away") { uncross(); }
  }

  /* Leaflet pans by whole pixels; only a reset, which draws all anew, takes the very view. */
  function follow(told, exact) {
    const centre = state.map.getCenter();
    const there = centre.lat === told.centre[0] && centre.lng === told.centre[1]
      && state.map.getZoom() === told.zoom;
    if (there || state.map.dragging.moving()) { return; }
    quietly(function () {
      state.map.setView(told.centre, told.zoom, exact ? { reset: true } : { animate: false });
    });
  }

  function quietly(change) {
    state.following = true;
    change();
    state.following = false;
  }

  /* A frame that changes its size keeps its view, and moves no other map. */
  function hold(change) {
    if (state.group === null) { change(); return; }
    const centre = state.map.getCenter();
    quietly(function () {
      change();
      state.map.setView(centre, state.map.getZoom(), { reset: true });
    });
  }

  function cross(place) {
    if (!state.cross) {
      state.cross = L.marker(place, { pane: "atlas-cross", interactive: false, keyboard: false,
        icon: L.divIcon({ className: "atlas-cross", iconSize: [23, 23] }) }).addTo(state.map);
    }
    state.cross.setLatLng(place);
  }

  function uncross() {
    if (state.cross) { state.cross.remove(); }
    state.cross = null;
  }

  return { join: join, hold: hold };
})();
