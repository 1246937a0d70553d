/* A raster on the map: one picture between the background and the features.
 *
 * Python has warped it to Web Mercator, so that Leaflet may stretch it between two corners.
 * load() fetches it before anything is swapped, take() shows it, changes it or takes it away.
 */
window.atlas.raster = (function () {
  "use strict";
  const state = { layer: null, key: null };

  function load(image) {
    return new Promise(function (done, failed) {
      if (!image || state.key === keyOf(image)) { done(); return; }
      const picture = new Image();
      picture.onload = done;
      picture.onerror = function () { failed(new Error(image.label)); };
      picture.src = image.url;
    });
  }

  function keyOf(image) { return JSON.stringify([image.url, image.bounds]); }

  function take(map, image) {
    if (state.layer && (!image || state.key !== keyOf(image))) {
      state.layer.remove();
      state.layer = null;
      state.key = null;
    }
    if (!image) { return; }
    if (!state.layer) {
      if (!map.getPane("atlas-raster")) {
        const pane = map.createPane("atlas-raster");
        pane.style.zIndex = 260;
        pane.style.pointerEvents = "none";
      }
      state.key = keyOf(image);
      state.layer = L.imageOverlay(image.url, image.bounds,
        { pane: "atlas-raster", className: "atlas-raster", interactive: false, alt: image.label });
      state.layer.addTo(map);
    }
    state.layer.setOpacity(image.opacity);
  }

  return { load: load, take: take, state: state };
})();
