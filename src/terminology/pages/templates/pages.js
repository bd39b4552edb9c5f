(function () {
  var form = document.querySelector("form[data-live]"), asked = null, wait = 0;
  function offerCopies() {
    document.querySelectorAll("[data-copy]").forEach(function (button) { button.hidden = !navigator.clipboard; });
  }
  offerCopies();
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy]");
    if (!button) { return; }
    navigator.clipboard.writeText(location.origin + button.dataset.copy).then(function () {
      button.parentNode.querySelector("[role=status]").textContent = "copied";
    });
  });
  if (!form) { return; }
  var said = form.querySelector("[role=status]");
  form.addEventListener("input", function () { clearTimeout(wait); wait = setTimeout(ask, 120); });
  function address() {
    var given = new URLSearchParams(new FormData(form));
    Array.from(given).forEach(function (pair) { if (!pair[1]) { given.delete(pair[0]); } });
    return form.action + (String(given) && "?" + given);
  }
  function ask() {
    if (!form.checkValidity()) { return; }
    var place = address();
    if (asked) { asked.abort(); }
    asked = new AbortController();
    fetch(place, { signal: asked.signal, headers: { accept: "text/html" } }).then(function (answer) {
      return answer.ok ? answer.text() : Promise.reject(answer.status);
    }).then(function (text) { show(text, place); }).catch(function (error) {
      if (error.name !== "AbortError") { form.submit(); }
    });
  }
  function show(text, place) {
    var page = new DOMParser().parseFromString(text, "text/html"), count = page.querySelector(".count");
    /* the day is in the links of all parts; what has the focus, the form, stays */
    ["h1", "main", "footer", "nav"].forEach(function (part) {
      document.querySelector(part).innerHTML = page.querySelector(part).innerHTML;
    });
    document.title = page.title;
    said.textContent = count ? count.textContent : "";
    history.replaceState(null, "", place);
    offerCopies();
  }
})();
