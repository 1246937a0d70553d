/* Drawing a polygon or a line: a button on the map, a corner a click, an event when it is finished.
 *
 * take() hears of a new specification: words for drawing switch it on, null switches it off.
 * Words with "line" draw a line: two corners suffice, it may cross itself and is not closed.
 * A finished shape is fired as "draw:created", which streamlit-folium hands to the page. Its
 * corners lie on the grid that a link holds, so that what is checked here is what is measured.
 */
window.atlas.drawing = (function () {
  "use strict";
  const dom = window.atlas.dom;
  const GRID = 1e5;
  const LEAST = 3;
  const NEAR_PX = 12;
  const TWICE_PX = 6;
  const AFTER_MS = 400;
  const SAID_MS = 5000;
  const LEAST_OF_LINE = 2;
  const ICON = "M8 1.6l6.2 4.6-2.4 7.6H4.2L1.8 6.2z";
  const ICON_OF_LINE = "M1.8 13.6L6 5.4l4.4 4.8L14.2 2.4";
  const LOOK = { color: "#b3261e", weight: 2.5, fillColor: "#b3261e", fillOpacity: 0.08 };
  const state = { map: null, host: null, words: null, lang: null, control: null, corners: [],
    active: false, finished: null };

  function take(map, spec, host) {
    if (!spec.draw) { remove(); return; }
    state.host = host;
    state.words = spec.draw;
    if (!state.control) { add(map); }
    if (state.lang !== spec.lang) {
      state.lang = spec.lang;
      state.control.remove();
      state.control.addTo(map);
      say(state.active ? state.words.help : "");
    }
    refresh();
  }

  function add(map) {
    if (!state.map) { prepare(map); }
    state.button = dom.node("button");
    state.button.type = "button";
    state.button.appendChild(dom.drawing(16, 16, "path",
      { d: state.words.line ? ICON_OF_LINE : ICON, fill: "none", stroke: "currentColor", "stroke-width": 1.8 }));
    state.button.addEventListener("click", function () {
      if (state.active) { stop(); } else { start(); }
    });
    state.hint = dom.node("div", "atlas-draw-hint");
    state.hint.setAttribute("role", "status");
    const box = dom.node("div", "leaflet-bar leaflet-control atlas-draw");
    box.append(state.button, state.hint);
    L.DomEvent.disableClickPropagation(box);
    state.control = L.control({ position: "topleft" });
    state.control.onAdd = function () { return box; };
    state.control.addTo(map);
    say("");
  }

  function prepare(map) {
    const pane = map.createPane("atlas-draw");
    pane.style.zIndex = 620;
    pane.style.pointerEvents = "none";
    state.map = map;
    state.look = Object.assign({ pane: "atlas-draw", renderer: L.svg({ pane: "atlas-draw" }),
      interactive: false }, LOOK);
    state.line = made([], { dashArray: "6 5" });
    state.dots = L.layerGroup();
  }

  function made(places, more) {
    const look = Object.assign({}, state.look, more, state.words.line ? { fill: false } : {});
    return state.words.line ? L.polyline(places, look) : L.polygon(places, look);
  }

  function least() { return state.words.line ? LEAST_OF_LINE : LEAST; }

  function remove() {
    if (!state.control) { return; }
    halt();
    show(null);
    state.control.remove();
    state.control = null;
    state.lang = null;
  }

  function start() {
    state.host.begin();
    state.active = true;
    state.corners = [];
    state.map.doubleClickZoom.disable();
    state.map.on({ click: click, dblclick: twice, mousemove: follow });
    document.addEventListener("keydown", key, true);
    state.map.getContainer().classList.add("atlas-drawing");
    state.line.setLatLngs([]).addTo(state.map);
    state.dots.clearLayers().addTo(state.map);
    refresh();
    say(state.words.help);
  }

  /* Cancels: a polygon that was finished before stays. */
  function stop() {
    if (!state.active) { return; }
    halt();
    say(state.words.cancelled);
  }

  /* Double clicks and popups come back a moment later: the click that ended it may be a double one. */
  function halt() {
    if (!state.active) { return; }
    state.active = false;
    state.map.off({ click: click, dblclick: twice, mousemove: follow });
    document.removeEventListener("keydown", key, true);
    state.map.getContainer().classList.remove("atlas-drawing");
    state.line.remove();
    state.dots.remove();
    refresh();
    setTimeout(function () {
      if (state.active) { return; }
      state.host.end();
    }, AFTER_MS);
  }

  function click(event) {
    const corner = [Math.round(event.latlng.lng * GRID), Math.round(event.latlng.lat * GRID)];
    const last = state.corners.length - 1;
    if (!state.words.line && last + 1 >= LEAST && near(0, event, NEAR_PX)) { finish(); return; }
    if (last >= 0 && near(last, event, TWICE_PX)) { return; }
    if (crosses(corner)) { say(state.words.cross); return; }
    state.corners.push(corner);
    state.dots.addLayer(L.circleMarker(placeOf(corner),
      Object.assign({}, state.look, { radius: last < 0 ? 6 : 4, fillColor: "#ffffff", fillOpacity: 1 })));
    follow(event);
    say(state.words.help);
  }

  /* Both clicks of a double one came before: it finishes if they set a corner here. */
  function twice(event) {
    const last = state.corners.length - 1;
    if (last >= 0 && near(last, event, TWICE_PX)) { finish(); }
  }

  function follow(event) {
    state.line.setLatLngs(state.corners.map(placeOf).concat([event.latlng]));
  }

  /* Enter on another button of the map presses that one. */
  function key(event) {
    const other = event.target.closest("button, a, input");
    if (event.key === "Escape") { stop(); }
    if (event.key !== "Enter" || (other && other !== state.button)) { return; }
    if (other && !state.corners.length) { return; }
    event.preventDefault();
    finish();
  }

  function finish() {
    const corners = state.corners;
    if (corners.length < least()) { say(state.words.few); return; }
    if (crosses(corners[0])) { say(state.words.close); return; }
    halt();
    show(made(corners.map(placeOf)));
    say(state.words.done);
    state.host.finished();
    state.map.fire("draw:created", { layer: state.finished,
      layerType: state.words.line ? "polyline" : "polygon" });
  }

  function show(shape) {
    if (state.finished) { state.finished.remove(); }
    state.finished = shape;
    if (shape) { shape.addTo(state.map); }
  }

  function placeOf(corner) { return [corner[1] / GRID, corner[0] / GRID]; }

  function near(place, event, pixels) {
    const spot = state.map.latLngToContainerPoint(placeOf(state.corners[place]));
    return spot.distanceTo(event.containerPoint) <= pixels;
  }

  /* Whether a side from the last corner to this one meets another side, or folds back on one.
   * To the first corner it is the last side, which may meet the first where they join. */
  function crosses(corner) {
    const all = state.corners;
    const last = all.length - 1;
    const closing = corner === all[0];
    if (last < 1 || state.words.line) { return false; }
    if (folds(all[last - 1], all[last], corner)) { return true; }
    if (closing && folds(all[1], all[0], all[last])) { return true; }
    for (let side = closing ? 1 : 0; side < last - 1; side += 1) {
      if (meet(all[side], all[side + 1], all[last], corner)) { return true; }
    }
    return false;
  }

  function turn(a, b, c) {
    return Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
  }

  function folds(before, at, after) {
    const ahead = (before[0] - at[0]) * (after[0] - at[0]) + (before[1] - at[1]) * (after[1] - at[1]);
    return turn(before, at, after) === 0 && ahead > 0;
  }

  function meet(a, b, c, d) {
    const turns = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
    if (turns[0] !== turns[1] && turns[2] !== turns[3]) { return true; }
    return [[a, b, c, turns[0]], [a, b, d, turns[1]], [c, d, a, turns[2]], [c, d, b, turns[3]]]
      .some(function (one) { return one[3] === 0 && between(one[0], one[1], one[2]); });
  }

  function between(a, b, c) {
    return Math.min(a[0], b[0]) <= c[0] && c[0] <= Math.max(a[0], b[0])
      && Math.min(a[1], b[1]) <= c[1] && c[1] <= Math.max(a[1], b[1]);
  }

  function refresh() {
    if (!state.control) { return; }
    const label = state.active ? state.words.stop : state.words.start;
    state.button.title = label;
    state.button.setAttribute("aria-label", label);
    state.button.setAttribute("aria-pressed", String(state.active));
  }

  /* What is said when drawing has ended goes away by itself. */
  function say(text) {
    clearTimeout(state.fading);
    state.hint.textContent = text;
    state.hint.hidden = !text;
    if (text && !state.active) { state.fading = setTimeout(function () { say(""); }, SAID_MS); }
  }

  return { take: take, stop: stop, state: state };
})();
