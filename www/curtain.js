// Runs before anything is painted: where the page will not be in English it is held back until its words are there, so that
// no English flashes up. `language.js` raises the curtain; where that fails or takes long, `theme.css` does.
//
// A classic script in the head, because a module runs too late. It only guesses; which language it will be is for `language.js`.
//
// It also hears of a script that does not arrive or cannot run, which shows at once that the page is stuck (`theme.css`).

{
  let chosen = null;
  try {
    chosen = localStorage.getItem('mobilenet-web language');
  } catch {
    // Where nothing may be kept, nothing was.
  }
  const wish = new URLSearchParams(location.search).get('lang') ?? chosen ?? navigator.language;
  if (!/^en\b/i.test(wish)) document.documentElement.dataset.wording = '';
}

addEventListener('error', ({ target }) => {
  // What fails to load tells its own element; what fails to run, the window.
  if (target === window || target instanceof HTMLScriptElement) document.documentElement.dataset.stuck = '';
}, true);
