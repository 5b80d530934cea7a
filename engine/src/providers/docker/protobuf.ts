/** As much of protobuf's wire format as BuildKit's progress and session need. */

/** A field's number and its payload; integers have none. */
export interface WireField {
  readonly number: number;
  readonly bytes: Buffer;
  readonly integer: number;
}

export function* wireFields(data: Buffer): Generator<WireField> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; at < data.length; shift += 7) {
      const byte = data[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < data.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    let bytes: Buffer = Buffer.alloc(0);
    let integer = 0;
    switch (key % 8) {
      case 0:
        integer = varint();
        break;
      case 1:
        at += 8;
        break;
      case 2: {
        const length = varint();
        bytes = data.subarray(at, at + length);
        at += length;
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        return; // A group, or no protobuf at all.
    }
    yield { number, bytes, integer };
  }
}

/** A message of texts: field number to value. Each text is shorter than 16 KiB. */
export function encodeTexts(fields: Readonly<Record<number, string>>): Buffer {
  const parts = Object.entries(fields).map(([number, value]) => {
    const bytes = Buffer.from(value, "utf8");
    const length = bytes.length < 0x80 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >>> 7];
    return Buffer.concat([Buffer.from([Number(number) * 8 + 2, ...length]), bytes]);
  });
  return Buffer.concat(parts);
}
