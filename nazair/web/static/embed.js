/* nazair: the similar articles of this page. No cookies; whatever fails, the page stays as it is.
   Its attributes: docs/fill-a-box.md. */
(function () {
  'use strict';
  var s = document.currentScript, d = s && s.dataset, en;
  if (!s) return;
  function el(name, text, cls) {
    var e = document.createElement(name);
    if (text) e.textContent = text;
    if (cls) e.className = cls;
    return e;
  }
  function show(rows) {
    rows = rows.filter(function (r) { return /^https?:\/\//i.test(r.url); });
    if (!rows.length) return;
    // Not shown, but no div:empty for a page to hide.
    var into = d.into ? document.querySelector(d.into) : null, host = el('div', '…'), list = el('ul'), box = el('section');
    if (d.into && !into) return;
    var root = host.attachShadow({ mode: 'open' }), css = new CSSStyleSheet();
    css.replaceSync('section{font:inherit;color:inherit}h2{font-size:1.15em;margin:0 0 .5em}' +
      'ul{list-style:none;margin:0;padding:0;overflow-wrap:anywhere}li{padding-block:.55em;border-block-start:1px solid rgb(128 128 128/.3)}' +
      'a{color:inherit;text-decoration:none}a:hover,a:focus-visible{text-decoration:underline}' +
      'small{display:block;font-size:.8em;opacity:.8}');
    root.adoptedStyleSheets = [css];
    box.lang = en ? 'en' : 'ar';
    box.dir = en ? 'ltr' : 'rtl';
    // A box of the page's own has its own heading.
    if (!into || d.title) box.append(el('h2', d.title || (en ? 'Similar articles' : 'مقالات مشابهة')));
    rows.forEach(function (r) {
      var li = el('li'), a = el('a', r.title), small = el('small'), p = r.published_precision, day = r.published_at || '';
      // Of a moment the reader's day; sv is ISO 8601.
      day = /sec|min/.test(p) ? new Date(day).toLocaleDateString('sv') : day.slice(0, p === 'month' ? 7 : 10);
      a.href = r.url;
      a.rel = 'noopener';
      a.dir = /[ء-ي]/.test(r.title) ? 'rtl' : 'ltr';
      small.append(el('bdi', r.source_name), r.source_name && day ? ' · ' : '', el('time', day));
      li.append(a, small);
      list.append(li);
    });
    box.append(list);
    root.append(box);
    if (!into) return s.after(host);
    if (/^[UO]L$/.test(into.tagName)) {
      var item = el('li');
      item.style.listStyle = 'none';
      item.append(host);
      host = item;
    }
    into.append(host);
  }
  function start() {
    var c = document.querySelector('link[rel~="canonical"]');
    var page = el('a');
    page.href = d.url || (c && c.href) || location.href.split('#')[0];
    en = d.lang === 'en';
    var api = new URL('api/similar', s.src);
    api.searchParams.set('url', page.href);
    api.searchParams.set('n', d.n || 5);
    fetch(api, { credentials: 'omit', referrerPolicy: 'no-referrer' })
      .then(function (r) { return r.json(); })
      .then(function (a) { show(a.similar || []); })
      .catch(function () {});
  }
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', start);
  else start();
})();
