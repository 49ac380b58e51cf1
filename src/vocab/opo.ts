// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** Online Presence Ontology: what somebody is doing and where, as they say it. */
export const opo = Object.freeze({
  namespace: "http://online-presence.net/opo/ns#",
  /** What an agent says of their presence at a moment. */
  OnlinePresence: namedNode("http://online-presence.net/opo/ns#OnlinePresence"),
  /** Where the agent says to be. */
  currentLocation: namedNode("http://online-presence.net/opo/ns#currentLocation"),
  /** The post that goes with a presence. */
  customMessage: namedNode("http://online-presence.net/opo/ns#customMessage"),
  /** The agent who declared a presence. */
  declaredBy: namedNode("http://online-presence.net/opo/ns#declaredBy"),
  /** The account on which a presence was declared. */
  declaredOn: namedNode("http://online-presence.net/opo/ns#declaredOn"),
  /** A presence this agent declared. */
  declaresOnlinePresence: namedNode("http://online-presence.net/opo/ns#declaresOnlinePresence"),
  /** From when a presence holds. */
  startTime: namedNode("http://online-presence.net/opo/ns#startTime"),
});
