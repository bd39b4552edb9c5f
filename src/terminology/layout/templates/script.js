(function () {
  var box = document.querySelector(".filter");
  var folds = Array.prototype.slice.call(document.querySelectorAll("details"));
  window.addEventListener("beforeprint", function () { folds.forEach(function (fold) { fold.open = true; }); });
  window.addEventListener("hashchange", reveal);
  reveal();
  function reveal() {
    var aim = location.hash && document.getElementById(location.hash.slice(1));
    var fold = aim && aim.querySelector("details");
    if (fold) { fold.open = true; }
  }
  if (!box) { return; }
  var input = box.querySelector("input"), count = box.querySelector("output"), rows = null, wait = 0;
  box.hidden = false;
  input.addEventListener("input", function () { clearTimeout(wait); wait = setTimeout(filter, 150); });
  function filter() {
    var words = input.value.toLowerCase().split(/\s+/).filter(Boolean), found = 0;
    rows = rows || Array.prototype.map.call(document.querySelectorAll("main table tbody tr"), function (row) {
      return { row: row, text: row.textContent.toLowerCase() };
    });
    rows.forEach(function (item) {
      var fits = words.every(function (word) { return item.text.indexOf(word) >= 0; });
      item.row.hidden = !fits;
      found += fits ? 1 : 0;
    });
    if (words.length) { folds.forEach(function (fold) { fold.open = true; }); }
    count.textContent = words.length ? found.toLocaleString("en") + (found === 1 ? " row" : " rows") : "";
  }
})();
