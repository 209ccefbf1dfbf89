package main

import "testing"

// User agents as browsers and tools send them, and what their makers' pages say of them.
func TestParse(t *testing.T) {
	for text, expected := range map[string]agent{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.87": {"Edge", "126.0.2592.87", "Windows", "10"},
		"Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0":                                                            {"Firefox", "127.0", "Linux", ""},
		"curl/8.5.0":    {"curl", "8.5.0", "", ""},
		"":              {},
		"Größe/1 (価格)":  {},
		"Version/1":     {},
		"Windows NT ":   {"", "", "Windows", ""},
		"Chrome/":       {"Chrome", "", "", ""},
		"Android; 14.0": {"", "", "Android", ""},
	} {
		if found := parse(text); found != expected {
			t.Errorf("%s: %v", text, found)
		}
	}
}
