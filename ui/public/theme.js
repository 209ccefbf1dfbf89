// Before the first paint: the theme of the link, else the one chosen here before, else the system's.
(() => {
  const asked = new URLSearchParams(location.search).get("theme");
  let kept = null;
  try { kept = localStorage.getItem("lincei.theme"); } catch { /* storage is switched off */ }
  const known = [asked, kept].find((theme) => theme === "dark" || theme === "light");
  const system = matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
  document.documentElement.dataset.theme = known ?? system;
})();
