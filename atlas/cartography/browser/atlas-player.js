/* The player: a map that has frames is stepped or played through them.
 *
 * It knows at which frame the reader is; atlas.js draws that frame. take() hears of a new
 * specification, frame() is the frame to draw, drawn() hears that it is on the map.
 */
window.atlas.player = (function () {
  "use strict";
  const dom = window.atlas.dom;
  const STEP_MS = 1200;
  const ROOMY = { x: 720, y: 260 };
  const ICONS = {
    previous: "M3 3h2v10H3zM13 3v10L6 8z", play: "M4 2l10 6-10 6z",
    pause: "M4 3h3v10H4zM9 3h3v10H9z", next: "M3 3v10l7-5zM11 3h2v10h-2z",
  };
  const state = { frames: [], key: "", start: 0, index: 0, playing: false, timer: 0,
    run: 0, announce: false, control: null };

  /* The reader stays where he is, playing or not, unless the frames are others or the page
   * asks for another one of them. host.redraw draws, host.fetch reads a file ahead. */
  function take(map, spec, host) {
    const frames = spec.frames || [];
    const key = JSON.stringify(frames.map(function (frame) {
      return [frame.label, frame.layers.map(function (layer) { return layer.url; })];
    }));
    state.host = host;
    state.words = spec.player;
    state.frames = frames;
    if (key !== state.key || spec.frame !== state.start) {
      pause();
      state.key = key;
      state.start = spec.frame;
      state.index = spec.frame;
    }
    if (!frames.length) { remove(); return; }
    if (!state.control) { add(map); }
    refresh();
  }

  function frame() { return state.frames[state.index] || null; }

  function last() { return state.frames.length - 1; }

  function go(index) {
    state.index = Math.max(0, Math.min(last(), index));
    refresh();
    return state.host.redraw();
  }

  function drawn(frame) {
    if (!frame) { delete document.body.dataset.atlasFrame; return; }
    document.body.dataset.atlasFrame = frame.label;
    state.label.textContent = frame.label;
    state.title.textContent = frame.title === frame.label ? "" : frame.title;
    if (state.announce && !state.playing) { announce(frame); }
  }

  function announce(frame) {
    state.announce = false;
    state.status.textContent = frame.label;
  }

  function play() {
    state.playing = true;
    if (state.index === last()) { go(0); } else { refresh(); }
    wait();
  }

  /* The next frame comes when its time has come and the one before is drawn. */
  function wait() {
    const next = state.frames[state.index + 1];
    (next ? next.layers : []).forEach(function (layer) { state.host.fetch(layer.url); });
    const run = state.run;
    state.timer = setTimeout(function () {
      go(state.index + 1).then(function () {
        if (run !== state.run) { return; }
        if (state.index < last()) { wait(); } else { pause(); announce(frame()); }
      });
    }, STEP_MS);
  }

  function pause() {
    clearTimeout(state.timer);
    state.run += 1;
    if (!state.playing) { return; }
    state.playing = false;
    refresh();
  }

  /* A step by a button is said; what the slider says of itself is not said twice. */
  function step(by) {
    pause();
    state.announce = true;
    go(state.index + by);
  }

  function toggle() {
    if (!state.playing) { play(); return; }
    pause();
    announce(frame());
  }

  function slide() {
    pause();
    go(Number(state.slider.value));
  }

  function add(map) {
    const box = dom.node("div", "leaflet-control atlas-player");
    state.buttons = {
      previous: button("previous", function () { if (state.index > 0) { step(-1); } }),
      play: button("play", toggle),
      next: button("next", function () { if (state.index < last()) { step(1); } }),
    };
    state.slider = dom.node("input");
    Object.assign(state.slider, { type: "range", min: 0, step: 1 });
    state.slider.addEventListener("input", slide);
    state.label = dom.node("strong");
    state.title = dom.node("span");
    state.status = dom.node("div", "atlas-unseen");
    state.status.setAttribute("role", "status");
    const words = dom.node("div", "atlas-player-words");
    words.append(state.label, state.title);
    box.setAttribute("role", "group");
    box.append(...Object.values(state.buttons), state.slider, words, state.status);
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    state.box = box;
    state.map = map;
    state.control = L.control({ position: corner() });
    state.control.onAdd = function () { return box; };
    state.control.addTo(map);
    map.on("resize", place);
  }

  function button(name, act) {
    const made = dom.node("button");
    made.type = "button";
    made.dataset.atlasPlayer = name;
    made.addEventListener("click", act);
    return made;
  }

  function remove() {
    if (!state.control) { return; }
    state.map.off("resize", place);
    state.control.remove();
    state.control = null;
  }

  /* On a small map it stands between the legend and the attribution, not beside them. */
  function corner() {
    const size = state.map.getSize();
    return size.x < ROOMY.x || size.y < ROOMY.y ? "bottomright" : "bottomleft";
  }

  function place() {
    const wanted = corner();
    if (wanted !== state.control.getPosition()) { state.control.setPosition(wanted); }
  }

  /* What the control shows of the state; the label follows when the frame is drawn. */
  function refresh() {
    if (!state.control || !state.frames.length) { return; }
    const words = state.words;
    state.box.setAttribute("aria-label", words.slider);
    state.slider.max = last();
    state.slider.value = state.index;
    state.slider.setAttribute("aria-label", words.slider);
    state.slider.setAttribute("aria-valuetext", frame().label);
    show("previous", "previous", state.index > 0);
    show("play", state.playing ? "pause" : "play", true);
    show("next", "next", state.index < last());
  }

  function show(name, icon, able) {
    const made = state.buttons[name];
    made.title = state.words[icon];
    made.setAttribute("aria-label", state.words[icon]);
    made.setAttribute("aria-disabled", String(!able));
    if (made.dataset.icon !== icon) {
      made.dataset.icon = icon;
      made.replaceChildren(dom.drawing(16, 16, "path", { d: ICONS[icon], fill: "currentColor" }));
    }
  }

  return { take: take, frame: frame, drawn: drawn, pause: pause, state: state };
})();
