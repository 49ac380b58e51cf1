const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:Z|([+-])(\d\d):(\d\d))$/;

/**
 * Milliseconds since 1970 of an `xsd:dateTime` whose place in time is beyond doubt: four digits of year, a zone, at
 * most microseconds. Undefined for all others, well formed or not.
 */
export function exactTime(text: string): number | undefined {
  const found = DATE_TIME.exec(text);
  if (found === null) return undefined;
  const [year, month, day, hours, minutes, seconds] = found.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const time = Date.UTC(year, month - 1, day, hours, minutes, seconds);
  // Date takes the 31st of February for a day in March, and the year 50 for 1950.
  const date = new Date(time);
  if (year < 100 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const [fraction, sign, zoneHours, zoneMinutes] = found.slice(7);
  const zone = sign === undefined ? 0 : Number(zoneHours) * 60 + Number(zoneMinutes);
  return time + (fraction === undefined ? 0 : Number(`0.${fraction}`) * 1_000) - (sign === "-" ? -zone : zone) * 60_000;
}
