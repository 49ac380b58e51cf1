/** LIMIT: characters gathered before they are handed on. */
const PIECE_LENGTH = 16_384;

/** The same text in larger pieces: many small writes cost more than the text itself. Not for what must go out at once. */
export async function* gathered(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = "";
  for await (const each of pieces) {
    piece += each;
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}
