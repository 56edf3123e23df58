// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionschedule

import (
	"regexp"
	"strings"
	"testing"
)

func goodCrons() []string {
	return []string{
		"0 2 * * ? *", "30 6 ? * MON-FRI *", "0,30 */2 ? JAN-MAR mon,Wed,6 2026-2030", "1/10 0-23/3 L * ? *", "0 0 15W 1/3 ? *", "0 0 LW * ? *", "0 0 L-3 * ? *",
		"0 0 ? * 6L *", "0 0 ? * FRIL *", "0 0 ? * FRI#2 *", "0 0 ? * 3#5 *", "0 0 ? * L 1970/2", "59 23 31 DEC ? 2199", "0 0 1,15,L * ? *", "00 02 01 01 ? 2030",
		"0 0 ? * 2/2 *", "0 0 * * ? 2026,2028-2030",
		"*/1 0 ? JAN,FEB,MAR,APR,MAY,JUN,JUL,AUG,SEP,OCT,NOV,DEC SUN,MON,TUE,WED,THU,FRI,SAT *",
		"0/30 20-2 ? * MON-FRI *", "0 22-6 * * ? *", "50-10/5 2 ? * FRI-MON *", "0 2 28-3 NOV-FEB ? *",
	}
}

func TestCheckCron(t *testing.T) {
	t.Parallel()
	for _, text := range goodCrons() {
		if err := checkCron(text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for text, words := range map[string]string{
		"":                      "0 fields instead of six",
		"0":                     "one field instead of six",
		"0 2 * * *":             "the form of Unix",
		"0 0 2 * * ? *":         "seven fields, which is the form of Quartz",
		"cron(0 2 * * ? *)":     `without "cron("`,
		"CRON(0 2 * * ? *)":     `without "cron("`,
		"rate(5 minutes)":       "accepts neither rates",
		"at(2026-01-01T00:00)":  "accepts neither rates",
		" 0 2 * * ? *":          "exactly one space",
		"0 2 * * ? * ":          "exactly one space",
		"0  2 * * ? *":          "exactly one space",
		"0\t2 * * ? *":          "exactly one space",
		"0 2 * * ? *\n":         "exactly one space",
		"0 2 * * * *":           `day-of-month (*) and day-of-week (*) are both given`,
		"0 2 1 * MON *":         `day-of-month (1) and day-of-week (MON) are both given`,
		"0 2 ? * ? *":           `both "?"`,
		"60 2 * * ? *":          `minute "60": "60" is not 0 to 59`,
		"-1 2 * * ? *":          `minute "-1": "" is not`,
		"0 24 * * ? *":          `hour "24": "24" is not 0 to 23`,
		"0 2 0 * ? *":           `day-of-month "0": "0" is not 1 to 31`,
		"0 2 32 * ? *":          `"32" is not 1 to 31`,
		"0 2 L,32 * ? *":        `"32" is not 1 to 31`,
		"0 2 * 13 ? *":          `month "13": "13" is not 1 to 12 or JAN to DEC`,
		"0 2 * JANUARY ? *":     `"JANUARY" is not`,
		"0 2 ? * 0 *":           "1 is Sunday and 7 is Saturday, unlike in Unix",
		"0 2 ? * 0-5 *":         "unlike in Unix",
		"0 2 ? * 8 *":           `"8" is not 1 to 7 or SUN to SAT`,
		"0 2 ? * MONDAY *":      `"MONDAY" is not`,
		"0 2 * * ? 1969":        "1970 to 2199",
		"0 2 * * ? 2200":        "1970 to 2199",
		"0/0 2 * * ? *":         `a step is a number from 1 to 59, not "0"`,
		"0/60 2 * * ? *":        `not "60"`,
		"0/ 2 * * ? *":          `not ""`,
		"0/x 2 * * ? *":         `not "X"`,
		"/5 2 * * ? *":          `"0/5" or "*/5"`,
		"0 2 /5 * ? *":          `"1/5" or "*/5"`,
		"0 2 * * ? 2030-2026":   "ends before it begins",
		"0,,5 2 * * ? *":        "an element of the list is empty",
		"0, 2 * * ? *":          "an element of the list is empty",
		"0 2 ?,1 * MON *":       "are both given",
		"0 2 1,? * ? *":         `"?" stands alone`,
		"? 2 * * ? *":           `"?" stands alone`,
		"0 2 * ? ? *":           `"?" stands alone`,
		"0 2 ? * 3#6 *":         `"3#6" is not`,
		"0 2 ? * 3#1,6#3 *":     `cannot be part of a list`,
		"0 2 32W * ? *":         `"32W" is not`,
		"0 2 1-5W * ? *":        `"5W" is not`,
		"0 2 W * ? *":           `"W" is not`,
		"L 2 * * ? *":           `"L" is not`,
		"0 2 ? * MONW *":        `"MONW" is not`,
		"0 2 * L ? *":           `"L" is not`,
		"0 2 * * ? L":           `"L" is not`,
		"+1 2 * * ? *":          `"+1" is not`,
		"1.5 2 * * ? *":         `"1.5" is not`,
		"0 1A * * ? *":          `"1A" is not`,
		"0 2 * * ? 99999999999": "1970 to 2199",
		"*-5 2 * * ? *":         `"*" is not`,
		"1-2-3 2 * * ? *":       `"2-3" is not`,
		"1/2/3 2 * * ? *":       `not "2/3"`,
		"é 2 * * ? *":           "cannot contain 'é'",
		"0 2 ? * ſUN *":         "cannot contain 'ſ'",
		"0 2 ? * \xffSUN *":     "cannot contain",
	} {
		if err := checkCron(text); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v, want %s", text, err, words)
		}
	}
}

// The field and the value are named, and the hint is for the one who needs it.
func TestCheckCronNamesTheField(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"60 0 * * ? *":   `minute "60": "60" is not 0 to 59`,
		"0 24 * * ? *":   `hour "24": "24" is not 0 to 23`,
		"0 0 32 * ? *":   `day-of-month "32": "32" is not 1 to 31`,
		"0 0 * 1,13 ? *": `month "1,13": "13" is not 1 to 12 or JAN to DEC`,
		"0 0 ? * 8 *":    `day-of-week "8": "8" is not 1 to 7 or SUN to SAT`,
		"0 0 ? * 0 *":    `day-of-week "0": "0" is not 1 to 7 or SUN to SAT (1 is Sunday and 7 is Saturday, unlike in Unix)`,
		"0 0 * * ? 1969": `year "1969": "1969" is not 1970 to 2199`,
	} {
		if err := checkCron(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// What gets through has the form that the server expects; nothing panics.
func FuzzCheckCron(f *testing.F) {
	for _, seed := range goodCrons() {
		f.Add(seed)
	}
	for _, seed := range []string{"", " ", "0 2 * * *", "cron(0 2 * * ? *)", "0 2 ? * ? *", "0/0 2 * * ? *", "#,#/-? L-W * * ? *", "0 2 \x00 * ? *", "0 2 * * ? 65536", "0 2 ? * ſUN *"} {
		f.Add(seed)
	}
	form := regexp.MustCompile(`^[0-9A-Za-z*,/?#-]+( [0-9A-Za-z*,/?#-]+){5}$`)
	f.Fuzz(func(t *testing.T, text string) {
		err := checkCron(text)
		if err != nil {
			if err.Error() == "" {
				t.Fatalf("%q: no words", text)
			}
			return
		}
		fields := strings.Fields(text)
		if !form.MatchString(text) || strings.Count(text, "?") != 1 || (fields[dayOfMonth] == "?") == (fields[dayOfWeek] == "?") {
			t.Fatalf("%q got through", text)
		}
		// Names are the same in either case, and the fields are independent.
		if checkCron(strings.ToUpper(text)) != nil || checkCron(strings.ToLower(text)) != nil {
			t.Fatalf("%q: case matters", text)
		}
	})
}
