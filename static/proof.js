// Passes the check of a form while it is filled in: tries numbers until the SHA-256 of the salt and the number is the
// one that is asked for. Browsers hash by themselves only over https, so it is done here; salt and number fit one block.

const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
const primes = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n);
const ROUNDS = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const w = new Int32Array(64);
const turn = (x, bits) => (x >>> bits) | (x << (32 - bits));

/** Hashes the first 16 words of `w` (FIPS 180-4, section 6.2.2); START is still to be added. */
function hash() {
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15];
    const y = w[i - 2];
    const s0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
    const s1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  let [a, b, c, d, e, f, g, h] = START;
  for (let i = 0; i < 64; i++) {
    const t = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS[i] + w[i]) | 0;
    const u = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = (d + t) | 0;
    d = c;
    c = b;
    b = a;
    a = (t + u) | 0;
  }
  return [a, b, c, d, e, f, g, h];
}

const box = document.querySelector(".proof");
const { salt, target, most, ...words } = box.dataset;
const form = box.closest("form");
const button = form.querySelector("[type=submit]");
const said = box.querySelector("[role=status]");
const bar = box.querySelector("progress");
const answer = form.elements.proof_answer;
const label = button.textContent;

/** Four characters as a word. */
const word = (text, at = 0) => [0, 1, 2, 3].reduce((sum, i) => (sum << 8) | text.charCodeAt(at + i), 0);
// The one block: the salt, room for the number, a bit after it, and the length.
const block = new Int32Array(16);
for (let i = 0; i < 6; i++) block[i] = word(salt, 4 * i);
block[8] = 1 << 31;
block[15] = 32 * 8;
// What is asked for, before START is added to it.
const wanted = Array.from(START, (start, i) => (parseInt(target.slice(8 * i, 8 * i + 8), 16) - start) | 0);

function isRight(number) {
  const digits = number.toString(16).padStart(8, "0");
  w.set(block);
  w[6] = word(digits);
  w[7] = word(digits, 4);
  const words = hash();
  return words[0] === wanted[0] && words.every((word, i) => word === wanted[i]);
}

let isOver = false;
let isSent = false;
let number = 0;
// Pieces that leave room for keys and taps; a message comes sooner than a timer.
const pause = new MessageChannel();
pause.port1.onmessage = () => {
  for (const end = performance.now() + 12; performance.now() < end; ) {
    for (let i = 0; i < 100; i++, number++) {
      if (number > most) return finish();
      if (isRight(number)) {
        answer.value = number;
        return finish();
      }
    }
  }
  bar.value = (100 * number) / most;
  pause.port2.postMessage(0);
};

function finish() {
  isOver = true;
  bar.hidden = true;
  said.textContent = words.done;
  if (isSent) form.requestSubmit(button);
}

// Sent too early it waits, and says so. It is caught before anything else counts it as sent.
addEventListener(
  "submit",
  (event) => {
    if (isOver || event.target !== form) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    isSent = true;
    said.textContent = words.waiting;
    button.textContent = words.wait;
  },
  true,
);
// A page that comes back from the browser's cache can be sent again.
addEventListener("pageshow", () => {
  isSent = false;
  button.textContent = label;
});

// Some browsers keep what stood there before the page was loaded again.
answer.value = "";
bar.hidden = false;
said.textContent = words.working;
pause.port2.postMessage(0);
