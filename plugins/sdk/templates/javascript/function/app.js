/** `{{ident}}(number)`: whether a payment card's number has a right check digit (ISO/IEC 7812-1, annex B). */

import * as lincei from './lincei/index.js';

/** Called for each row. `undefined` stands for null. */
function luhnValid(number) {
  if (number === undefined) return undefined;
  const digits = number.replace(/[ -]/g, '');
  if (!/^[0-9]{12,19}$/.test(digits)) return false;
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = digits.charCodeAt(digits.length - 1 - place) - 48;
    // every second digit from the right counts twice, as the sum of its own digits
    sum += place % 2 === 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0);
  }
  return sum % 10 === 0;
}

export const { describe, call } = lincei.fn({
  name: '{{ident}}',
  description: "Whether a payment card's number of 12 to 19 digits has a right check digit.",
  args: ['text'],
  returns: 'bools',
  call: luhnValid,
});
