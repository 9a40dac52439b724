// The page works without this; with it, values can be copied, rules are ticked off while typing, and waiting ends by itself.
(() => {
  'use strict';
  document.documentElement.classList.add('js');

  const say = text => {
    const live = document.getElementById('live');
    if (live) { live.textContent = ''; setTimeout(() => { live.textContent = text; }, 50); }
  };

  const copy = async text => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const field = document.createElement('textarea');
      field.value = text;
      field.className = 'vh';
      document.body.append(field);
      field.select();
      document.execCommand('copy');
      field.remove();
    }
  };

  document.addEventListener('click', async event => {
    const button = event.target.closest('button[data-copy], button[data-toggle]');
    if (!button) return;
    if (button.dataset.toggle) {
      const field = document.getElementById(button.dataset.toggle);
      const hidden = field.type === 'password';
      field.type = hidden ? 'text' : 'password';
      button.setAttribute('aria-pressed', String(hidden));
      return;
    }
    await copy(document.getElementById(button.dataset.copy).textContent);
    button.classList.add('done');
    say(button.dataset.said);
    setTimeout(() => button.classList.remove('done'), 2500);
  });

  // Like ChosenPasswordWeakness: each piece is the longest row, repetition or known word that begins here.
  const row = text => {
    const step = text.charCodeAt(1) - text.charCodeAt(0);
    if (text.length < 3 || Math.abs(step) > 1) return 0;
    let length = 2;
    while (length < text.length && text.charCodeAt(length) - text.charCodeAt(length - 1) === step) length++;
    return length < 3 ? 0 : length;
  };
  const repetition = (text, at) => {
    let length = 0;
    for (let before = 0; before < at; before++) {
      let same = 0;
      while (at + same < text.length && text[at + same] === text[before + same]) same++;
      length = Math.max(length, same);
    }
    return length < 3 ? 0 : length;
  };
  const pieces = (text, known) => {
    let count = 0;
    for (let at = 0; at < text.length; count++) {
      const words = known.filter(word => text.startsWith(word, at)).map(word => word.length);
      at += Math.max(1, row(text.slice(at)), repetition(text, at), ...words);
    }
    return count;
  };
  const listed = name => document.querySelector('ul.rules').dataset[name].split(' ').filter(word => word !== '');

  const rules = {
    length: text => new TextEncoder().encode(text).length >= 16 && new TextEncoder().encode(text).length <= 72,
    characters: text => text !== '' && /^[ -~]*$/.test(text),
    edges: text => text !== '' && text.trim() === text,
    words: text => text !== '' && !listed('words').some(word => text.toLowerCase().includes(word)),
    rows: text => pieces(text.toLowerCase(), []) >= 10,
    common: text => pieces(text.toLowerCase(), listed('common')) >= 10,
  };
  document.addEventListener('input', event => {
    if (event.target.id !== 'own') return;
    for (const item of document.querySelectorAll('[data-rule]')) item.classList.toggle('met', rules[item.dataset.rule](event.target.value));
  });

  // One claim is enough: a second tap must not send the form again.
  document.addEventListener('submit', event => {
    const button = event.target.querySelector('button[type=submit]');
    if (button) setTimeout(() => { button.disabled = true; }, 0);
  });
  addEventListener('pageshow', () => { for (const button of document.querySelectorAll('button[type=submit]')) button.disabled = false; });

  const poll = (url, shown) => {
    const began = Date.now();
    const next = () => {
      const waited = Date.now() - began;
      setTimeout(look, waited < 5000 ? 700 : waited < 20000 ? 1500 : 6000);
    };
    const look = async () => {
      try {
        const answer = await fetch(url, { cache: 'no-store' });
        if (answer.status !== 429 && answer.status < 500 && (!answer.ok || (await answer.text()) !== shown)) {
          location.reload();
          return;
        }
      } catch { /* the network is away: the next look tells */ }
      next();
    };
    next();
  };

  // A page that stays open shows the password no longer than the server does. A timer alone sleeps with the computer.
  const forget = (secret, end) => {
    const look = () => {
      if (Date.now() < end) return;
      secret.remove();
      location.reload();
    };
    setTimeout(look, end - Date.now());
    setInterval(look, 30000);
    document.addEventListener('visibilitychange', look);
    addEventListener('pageshow', event => { if (event.persisted) { secret.remove(); location.reload(); } });
  };

  document.addEventListener('DOMContentLoaded', () => {
    for (const time of document.querySelectorAll('time[datetime]')) {
      time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang, { dateStyle: 'long', timeStyle: 'short' });
    }
    const waiting = document.querySelector('[data-poll]');
    if (waiting) poll(waiting.dataset.poll, waiting.dataset.state);
    const secret = document.querySelector('[data-shown-for]');
    if (secret) forget(secret, Date.now() + secret.dataset.shownFor * 1000);
    const wrong = document.querySelector('[aria-invalid]');
    if (wrong) wrong.focus();
  });
})();
