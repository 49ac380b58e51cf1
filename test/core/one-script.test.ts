import { expect, it } from "vitest";
import { isOfOneScript } from "../../src/core/one-script.ts";

it.each([
  "alice",
  "alice-2_b",
  "2",
  "jos\u00E9",
  "x\u0331y",
  "\u0430\u043B\u0438\u0441\u0430",
  "\u03B1\u03BB\u03AF\u03BA\u03B7",
  "\u5C71\u7530\u3055\u3093\u30A2",
  "\uD55C\uAD6D\u97D3",
  "\u0639\u0644\u064A\u0661",
  "\u0905\u0928\u0941\u0967",
  "\u05D3\u05D5\u05D37",
])("has the letters of one script: %s", (name) => {
  expect(isOfOneScript(name)).toBe(true);
});

it.each([
  ["Cyrillic a in a Latin name", "p\u0430ypal"],
  ["Latin a in a Cyrillic name", "\u0430\u043B\u0438c\u0430"],
  ["Greek o in a Latin name", "g\u03BFogle"],
  ["Armenian in a Latin name", "\u0578ame"],
  ["Cherokee in a Latin name", "\u13AAlice"],
  ["Latin beside Han", "alice\u5C71"],
  ["Arabic digits in a Latin name", "alice\u0661"],
  ["Hangul beside kana", "\uD55C\u3042"],
  ["a script no longer in use", "\u{10900}\u{10901}"],
])("does not: %s", (_, name) => {
  expect(isOfOneScript(name)).toBe(false);
});
