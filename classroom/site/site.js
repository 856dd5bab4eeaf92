// What a keyboard must reach, and what a page opened as a file cannot do.
const WIDE = ".highlight pre, .table-wrapper, .formula, .sidebar-scroll, .toc-scroll";

function letTheKeyboardScroll() {
  for (const box of document.querySelectorAll(WIDE)) {
    if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

addEventListener("load", letTheKeyboardScroll);
addEventListener("resize", letTheKeyboardScroll);
// A browser does not let a file read the file beside it, so the search shows titles without their lines.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
