import { expect, it } from "vitest";
import { AskedHub } from "../../../src/hub/queries/network/asked-hub.ts";
import { blankNode, literal, namedNode, type Quad, quad } from "../../../src/rdf/term.ts";

const FAR = "https://far.example/";
const name = namedNode("http://xmlns.com/foaf/0.1/name");
const says = (of: string, text: string): Quad => quad(namedNode(`${FAR}${of}`), name, literal(text));
const unnamed = (text: string): Quad => quad(blankNode("b0"), name, literal(text));

function asked(...answers: readonly (readonly Quad[])[]): readonly string[] {
  const hub = new AskedHub(FAR, 1);
  for (const answer of answers) {
    hub.begin([]);
    hub.take(answer, () => false);
  }
  return hub.quads.map(({ subject, object }) => `${subject.value} ${object.value}`);
}

it("adds up what a hub says, unless blank nodes were in it: then the later answer has all of it again", () => {
  expect(asked([says("a", "A")], [says("b", "B")])).toEqual([`${FAR}a A`, `${FAR}b B`]);
  expect(asked([unnamed("A")], [unnamed("A"), says("b", "B")])).toEqual(["hub1.b0 A", `${FAR}b B`]);
});

it("believes a hub about nothing that is another's", () => {
  const others = quad(namedNode("https://else.example/a"), name, literal("A"));
  expect(asked([others, says("b", "B")])).toEqual([`${FAR}b B`]);
});
