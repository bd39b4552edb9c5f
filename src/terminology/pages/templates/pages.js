(function () {
  var form = document.querySelector("form[data-live]"), asked = null, wait = 0;
  document.querySelectorAll("[data-copy]").forEach(function (button) {
    if (!navigator.clipboard) { return; }
    button.hidden = false;
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(location.origin + button.dataset.copy).then(function () {
        button.parentNode.querySelector("[role=status]").textContent = "copied";
      });
    });
  });
  if (!form) { return; }
  var found = document.querySelector(form.dataset.live);
  form.addEventListener("input", function () { clearTimeout(wait); wait = setTimeout(ask, 120); });
  form.addEventListener("change", function () { clearTimeout(wait); wait = setTimeout(ask, 0); });
  function ask() {
    if (!form.checkValidity()) { return; }
    var address = form.action + "?" + new URLSearchParams(new FormData(form));
    if (asked) { asked.abort(); }
    asked = new AbortController();
    fetch(address + "&part=1", { signal: asked.signal }).then(function (answer) {
      return answer.ok ? answer.text() : Promise.reject(answer.status);
    }).then(function (text) {
      found.innerHTML = text;
      history.replaceState(null, "", address);
    }).catch(function (error) { if (error.name !== "AbortError") { form.submit(); } });
  }
})();
