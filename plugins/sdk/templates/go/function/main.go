// {{ident}}(number): whether a payment card's number has a right check digit (ISO/IEC 7812-1, annex B).
package main

import "lincei/function"

var number = function.Text{ID: 0}

type plugin struct{}

func (plugin) Describe() function.Info {
	return function.Info{
		Name:        "{{ident}}",
		Version:     "0.1.0",
		Description: "Whether a payment card's number of 12 to 19 digits has a right check digit.",
		Arguments:   []function.Type{function.TypeText},
		Returns:     function.TypeBools,
		Volatility:  function.Immutable,
	}
}

func (plugin) OnRow(row function.Row, result *function.Builder) {
	if text, ok := row.Text(number); ok {
		result.Bool(luhnValid(text))
	} else {
		result.Missing()
	}
}

func luhnValid(text string) bool {
	sum, digits := 0, 0
	for i := len(text) - 1; i >= 0; i-- {
		switch c := text[i]; {
		case c == ' ' || c == '-':
		case c < '0' || c > '9':
			return false
		default:
			digit := int(c - '0')
			// every second digit from the right counts twice, as the sum of its own digits
			if digits%2 == 1 {
				digit *= 2
				if digit > 9 {
					digit -= 9
				}
			}
			sum += digit
			digits++
		}
	}
	return digits >= 12 && digits <= 19 && sum%10 == 0
}

func init() { function.Run(plugin{}) }

func main() {}
