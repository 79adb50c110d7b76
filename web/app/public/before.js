// Before anything is painted: the theme and the language that were chosen here, so that nothing flashes.
(function () {
  try {
    var root = document.documentElement;
    var chosen = JSON.parse(localStorage.getItem("informejo.preferences") || "{}");
    if (/^(light|dark|contrast)$/.test(chosen.theme)) root.dataset.theme = chosen.theme;
    if (/^(en|de|ar)$/.test(chosen.language)) {
      root.lang = chosen.language;
      root.dir = chosen.language === "ar" ? "rtl" : "ltr";
    }
  } catch {
    // Without a storage there is nothing to remember.
  }
})();
