// What a day is called among all pictures: by its distance as long as that is a word, then by its date.

const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;

/** Name the day that began at this time, in a language, as a heading: "Today", "Yesterday", then its date. */
export function dayName(day, language) {
  const today = new Date().setHours(0, 0, 0, 0);
  const ago = Math.round((today - day) / DAY_MILLISECONDS);
  if (ago < 2) {
    const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-ago, "day");
    return words.charAt(0).toLocaleUpperCase(language) + words.slice(1);
  }
  return new Intl.DateTimeFormat(language, { dateStyle: "full" }).format(day);
}
