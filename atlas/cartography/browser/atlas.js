/* Delta Atlas in the browser: draws what Python's MapDocument says.
 *
 * One entry, atlas.draw(map, spec). It fetches each layer's GeoJSON (named by its content,
 * so a file never changes under its name), and swaps everything in one go when all has
 * come: the view stays, nothing flashes. Where the specification has frames, the layers above
 * the background and the legend are those of the frame that atlas-player.js is at.
 */
Object.assign(window.atlas, (function () {
  "use strict";
  const node = atlas.dom.node;
  const files = new Map();
  const DELTA = [[27.0, 114.8], [35.2, 123.0]];
  const state = { map: null, drawn: new Map(), built: new Map(), ticket: 0, focus: null, spec: null };

  function fetchOnce(url) {
    if (!files.has(url)) {
      files.set(url, fetch(url).then(function (answer) {
        if (!answer.ok) { throw new Error(answer.status + " " + url); }
        return answer.json();
      }));
      files.get(url).catch(function () { files.delete(url); });
    }
    return files.get(url);
  }

  function prepare(map) {
    if (state.map === map) { return; }
    state.map = map;
    const pane = map.createPane("atlas-background");
    pane.style.zIndex = 250;
    pane.style.pointerEvents = "none";
    map.createPane("atlas-labels").style.zIndex = 590;
    map.getPane("atlas-labels").style.pointerEvents = "none";
    state.background = L.canvas({ pane: "atlas-background", padding: 0.3 });
    state.canvas = L.canvas({ padding: 0.3, tolerance: 3 });
    state.labels = L.layerGroup().addTo(map);
    map.attributionControl.setPrefix(false);
    L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
    state.legend = corner("bottomright", "atlas-legend");
    state.notice = corner("topright", "atlas-notice");
    map.on("zoomend moveend", placeLabels);
    map.options.renderer = state.canvas;
    map.on("polylinemeasure:toggle", function (event) {
      if (event.sttus) { atlas.drawing.stop(); }
      state.measuring = event.sttus;
      if (!state.measuring && !state.drawing) { map.doubleClickZoom.enable(); }
      answerClicks();
    });
    fitFrame();
    map.fitBounds(DELTA, { animate: false });
    window.addEventListener("resize", fitFrame);
  }

  /* The page makes the frame lower on a small screen: the map follows. */
  function fitFrame() {
    atlas.sync.hold(function () {
      const box = state.map.getContainer();
      box.style.maxHeight = window.innerHeight > 100 ? window.innerHeight + "px" : "";
      state.map.invalidateSize({ pan: true, animate: false });
    });
  }

  /* A screen reader says the title of the frame. */
  function nameFrame(label) {
    state.map.getContainer().setAttribute("aria-label", label);
    if (window.frameElement) { window.frameElement.title = label; }
  }

  /* While a line is measured or a polygon drawn, a click sets a point and opens no popup. */
  function answerClicks() {
    const yes = !state.measuring && !state.drawing;
    state.drawn.forEach(function (entry) {
      if (entry.spec.background) { return; }
      entry.group.eachLayer(function (shape) {
        (shape.getLayers ? shape.getLayers() : [shape]).forEach(function (part) {
          part.options.interactive = yes;
        });
      });
    });
  }

  function corner(position, name) {
    const control = L.control({ position: position });
    control.onAdd = function () {
      const box = node("div", "leaflet-control " + name);
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      return box;
    };
    control.addTo(state.map);
    return control;
  }

  function styleOf(layer, key, focused) {
    const look = layer.looks[key];
    return {
      color: focused ? "#ffb000" : look.stroke, weight: focused ? look.weight + 2.5 : look.weight,
      dashArray: look.dash || null, fill: layer.kind !== "line", fillColor: look.fill,
      fillOpacity: look.fill_opacity, radius: look.radius, opacity: 1,
    };
  }

  function build(layer, data) {
    const background = layer.background;
    const options = {
      pane: background ? "atlas-background" : "overlayPane",
      renderer: background ? state.background : state.canvas,
      interactive: !background && !state.measuring && !state.drawing,
      style: function (feature) { return styleOf(layer, feature.properties.k, false); },
      pointToLayer: function (feature, place) {
        return L.circleMarker(place, { renderer: state.canvas });
      },
    };
    if (!background) {
      options.onEachFeature = function (feature, shape) {
        shape.bindTooltip(function () { return atlas.dom.summary(feature, state.spec.lang); },
          { sticky: true, className: "atlas-tooltip" });
        if (state.spec.choose) { return; }
        shape.bindPopup(function () { return atlas.dom.detail(feature, state.spec.lang); },
          { maxWidth: 340, maxHeight: 260 });
      };
    }
    return { group: L.geoJSON(data, options), data: data, spec: layer };
  }

  function keyOf(layer) { return JSON.stringify([layer.id, layer.url, layer.looks]); }

  /* Shapes are built once: kept while the specification or one of its frames may show them. */
  function forget(spec) {
    const layers = (spec.frames || []).reduce(function (all, frame) {
      return all.concat(frame.layers);
    }, spec.layers);
    const kept = new Set(layers.map(keyOf));
    state.built.forEach(function (entry, key) {
      if (!kept.has(key)) { state.built.delete(key); }
    });
  }

  function swap(layers, contents) {
    const wanted = new Map();
    layers.forEach(function (layer, place) {
      const key = keyOf(layer);
      if (!state.built.has(key)) { state.built.set(key, build(layer, contents[place])); }
      state.built.get(key).spec = layer;
      wanted.set(layer.id, state.built.get(key));
    });
    state.drawn.forEach(function (old, id) {
      if (wanted.get(id) !== old) { state.map.removeLayer(old.group); }
    });
    state.drawn = wanted;
    wanted.forEach(function (entry) {
      if (!state.map.hasLayer(entry.group)) { entry.group.addTo(state.map); }
      entry.group.bringToFront();
    });
    answerClicks();
  }

  function drawLegend(spec, entries) {
    const box = state.legend.getContainer();
    const focused = box.contains(document.activeElement);
    const open = box.dataset.open === undefined ? (state.map.getSize().x > 600 && state.map.getSize().y > 400) : box.dataset.open === "yes";
    const button = node("button", "", spec.legend_title);
    const list = node("ul");
    button.type = "button";
    function show(visible) {
      box.dataset.open = visible ? "yes" : "no";
      list.hidden = !visible;
      button.setAttribute("aria-expanded", String(visible));
    }
    button.addEventListener("click", function () { show(list.hidden); });
    entries.forEach(function (entry) {
      const line = node("li");
      line.appendChild(atlas.dom.swatch(entry.look, entry.kind));
      line.appendChild(node("span", "", entry.label));
      list.appendChild(line);
    });
    box.replaceChildren(button, list);
    show(open);
    if (focused) { button.focus(); }
    const notice = state.notice.getContainer();
    notice.replaceChildren.apply(notice, spec.notices.map(function (text) { return node("div", "", text); }));
    state.map.attributionControl._attributions = {};
    spec.attributions.forEach(function (text) {
      state.map.attributionControl.addAttribution(node("i", "", text).outerHTML);
    });
  }

  function placeLabels() {
    state.labels.clearLayers();
    const taken = [];
    const size = state.map.getSize();
    state.drawn.forEach(function (entry) {
      if (!entry.spec.label || state.map.getZoom() < entry.spec.label_zoom) { return; }
      entry.data.features.forEach(function (feature) {
        const place = feature.properties.c;
        const text = feature.properties.l[state.spec.lang];
        const spot = state.map.latLngToContainerPoint([place[1], place[0]]);
        const half = text.length * (/[a-z]/i.test(text) ? 3.6 : 6.5) + 3;
        const box = [spot.x - half, spot.y - 8, spot.x + half, spot.y + 8];
        if (box[2] < 0 || box[3] < 0 || box[0] > size.x || box[1] > size.y) { return; }
        if (taken.some(function (b) { return box[0] < b[2] && b[0] < box[2] && box[1] < b[3] && b[1] < box[3]; })) { return; }
        taken.push(box);
        const icon = L.divIcon({ className: "atlas-label", html: node("span", "", text), iconSize: null });
        state.labels.addLayer(L.marker([place[1], place[0]],
          { icon: icon, pane: "atlas-labels", interactive: false, keyboard: false }));
      });
    });
  }

  function measure(spec) {
    if (state.measure && state.measureLang === spec.lang) { return; }
    if (state.measure) { state.map.removeControl(state.measure); }
    state.measureLang = spec.lang;
    state.measure = L.control.polylineMeasure(Object.assign(
      { position: "topleft", unit: "metres", clearMeasurementsOnStop: false, showClearControl: true },
      spec.measure));
    state.measure.addTo(state.map);
  }

  /* Measuring and drawing exclude each other; who has drawn a polygon looks at it already. */
  const drawer = {
    begin: function () {
      if (state.measuring) { state.measure._toggleMeasure(); }
      state.map.closePopup();
      state.drawing = true;
      answerClicks();
    },
    end: function () {
      state.drawing = false;
      if (!state.measuring) { state.map.doubleClickZoom.enable(); }
      answerClicks();
    },
    finished: function () { state.stay = true; },
  };

  function tiles(spec) {
    if (!spec.tiles || state.tiles) { return; }
    state.tiles = L.tileLayer(spec.tiles.url,
      { attribution: node("i", "", spec.tiles.attribution).outerHTML }).addTo(state.map);
  }

  function focusOf(spec) {
    return spec.focus ? spec.focus.place + " " + spec.focus.choice : null;
  }

  function fly(spec) {
    const focus = focusOf(spec);
    const stay = state.stay;
    state.stay = false;
    state.drawn.forEach(function (entry) {
      if (entry.spec.background) { return; }
      entry.group.eachLayer(function (shape) {
        const named = spec.focus && spec.focus.layer === entry.spec.id
          && spec.focus.rows.includes(shape.feature.properties.i);
        if (named || shape.focused) {
          shape.setStyle(styleOf(entry.spec, shape.feature.properties.k, named));
          shape.focused = named;
          if (named) { shape.bringToFront(); }
        }
      });
    });
    if (focus === state.focus) { return; }
    state.focus = focus;
    if (spec.focus && stay) { state.flown = true; return; }
    if (spec.focus) {
      const b = spec.focus.bounds;
      state.map.fitBounds([[b[1], b[0]], [b[3], b[2]]],
        { maxZoom: 12, padding: [30, 30], animate: state.flown === true });
      state.flown = true;
    }
  }

  function failed(error) {
    const box = state.notice.getContainer();
    const line = node("div", "atlas-failed", state.spec.failed + " " + error.message);
    line.setAttribute("role", "alert");
    box.replaceChildren(line);
    atlas.player.pause();
  }

  function draw(map, spec) {
    prepare(map);
    if (state.spec && state.spec.lang !== spec.lang) { map.closePopup(); }
    state.spec = spec;
    nameFrame(spec.label);
    forget(spec);
    atlas.player.take(map, spec, { redraw: redraw, fetch: fetchOnce });
    if (atlas.sync.join(map, spec.sync)) {
      state.focus = focusOf(spec);
      state.flown = true;
    }
    return redraw();
  }

  /* Draws the specification, at the frame that the player is at. */
  function redraw() {
    const spec = state.spec;
    const frame = atlas.player.frame();
    const layers = frame ? spec.layers.concat(frame.layers) : spec.layers;
    const ticket = ++state.ticket;
    return Promise.all(layers.map(function (layer) { return fetchOnce(layer.url); })
      .concat([atlas.raster.load(spec.image)]))
      .then(function (contents) {
        if (ticket !== state.ticket) { return; }
        tiles(spec);
        atlas.raster.take(state.map, spec.image);
        swap(layers, contents);
        measure(spec);
        atlas.drawing.take(state.map, spec, drawer);
        drawLegend(spec, frame ? frame.legend : spec.legend);
        fly(spec);
        placeLabels();
        atlas.player.drawn(frame);
        document.documentElement.lang = spec.lang;
        document.body.dataset.atlasDrawn = String(ticket);
      }).catch(failed);
  }

  return { draw: draw, state: state };
})());
