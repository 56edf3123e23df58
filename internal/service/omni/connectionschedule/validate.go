// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionschedule

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// cronField is one of the six fields of an AWS EventBridge cron expression.
type cronField struct {
	name     string
	min, max int
	noWrap   bool                     // a range cannot go on at min after max
	names    []string                 // the first stands for min
	special  func(item string) bool   // forms that only this field has; nil for none
	hint     func(item string) string // what a likely mistake means; nil for none
}

// values says what may stand in the field.
func (f cronField) values() string {
	text := fmt.Sprintf("%d to %d", f.min, f.max)
	if len(f.names) > 0 {
		text += fmt.Sprintf(" or %s to %s", f.names[0], f.names[len(f.names)-1])
	}
	return text
}

// The days are the fields that can be left open with "?".
const (
	dayOfMonth = 2
	dayOfWeek  = 4
)

func cronFields() [6]cronField {
	days := []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
	return [6]cronField{
		{name: "minute", max: 59},
		{name: "hour", max: 23},
		// 15W is the weekday nearest to the 15th. LW and L-3 are not in AWS's
		// reference, but in the dialect that it comes from: the server decides.
		{name: "day-of-month", min: 1, max: 31, special: regexp.MustCompile(`^(L|LW|L-([1-9]|[12]\d|30)|([1-9]|[12]\d|3[01])W)$`).MatchString},
		{name: "month", min: 1, max: 12, names: []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}},
		// 6L is the last Friday of the month, 3#2 its second Tuesday.
		{name: "day-of-week", min: 1, max: 7, names: days, special: regexp.MustCompile(`^(L|([1-7]|` + strings.Join(days, "|") + `)(L|#[1-5]))$`).MatchString, hint: func(item string) string {
			if item == "0" {
				return " (1 is Sunday and 7 is Saturday, unlike in Unix)"
			}
			return ""
		}},
		{name: "year", min: 1970, max: 2199, noWrap: true},
	}
}

const cronExample = `such as "0 2 * * ? *" (every day at 2:00) or "30 6 ? * MON-FRI *" (on weekdays at 6:30)`

// checkCron explains what is wrong with an AWS EventBridge cron expression; nil
// where nothing is.
func checkCron(text string) error {
	lower := strings.ToLower(text)
	switch {
	case strings.HasPrefix(lower, "cron("):
		return fmt.Errorf(`write the six fields without "cron(" and ")" around them, %s`, cronExample)
	case strings.HasPrefix(lower, "rate("), strings.HasPrefix(lower, "at("):
		return fmt.Errorf("Omni accepts neither rates nor single times, only the six fields of a cron expression, %s", cronExample) //nolint:staticcheck // a name
	}
	if at := strings.IndexFunc(text, func(r rune) bool { return r > unicode.MaxASCII }); at >= 0 {
		// Some of them are S or K in upper case.
		return fmt.Errorf("a cron expression cannot contain %q, %s", []rune(text[at:])[0], cronExample)
	}
	fields := strings.Split(text, " ")
	if text != "" && (slices.Contains(fields, "") || strings.ContainsAny(text, "\t\r\n")) {
		return fmt.Errorf("fields are separated by exactly one space, with no leading or trailing spaces, %s", cronExample)
	}
	switch n := len(strings.Fields(text)); n {
	case len(cronFields()):
	case 5:
		return fmt.Errorf(`this has five fields, which is the form of Unix. AWS's has a sixth, the year, and one of the two days is "?", %s`, cronExample)
	case 1:
		return fmt.Errorf("this has one field instead of six: minute, hour, day-of-month, month, day-of-week and year, %s", cronExample)
	case 7:
		return fmt.Errorf("this has seven fields, which is the form of Quartz: leave out the seconds at the beginning, %s", cronExample)
	default:
		return fmt.Errorf("this has %d fields instead of six: minute, hour, day-of-month, month, day-of-week and year, %s", n, cronExample)
	}
	switch isMonthOpen, isWeekOpen := fields[dayOfMonth] == "?", fields[dayOfWeek] == "?"; {
	case isMonthOpen && isWeekOpen:
		return errors.New(`day-of-month and day-of-week are both "?": write "*" in one of them for every day`)
	case !isMonthOpen && !isWeekOpen:
		return fmt.Errorf(`day-of-month (%s) and day-of-week (%s) are both given: exactly one of them says on which days, and the other is "?"`, fields[dayOfMonth], fields[dayOfWeek])
	}
	for i, field := range cronFields() {
		if (i == dayOfMonth || i == dayOfWeek) && fields[i] == "?" {
			continue
		}
		if err := field.check(fields[i]); err != nil {
			return fmt.Errorf("%s %q: %w", field.name, fields[i], err)
		}
	}
	return nil
}

// check takes a list of values, ranges and steps. A range may wrap, as FRI-MON and
// 22-6 do.
func (f cronField) check(text string) error {
	items := strings.Split(strings.ToUpper(text), ",")
	if len(items) > 1 && strings.Contains(text, "#") {
		return errors.New(`"#" cannot be part of a list; make a schedule for each`)
	}
	for _, item := range items {
		if f.special != nil && f.special(item) {
			continue
		}
		if err := f.checkItem(item); err != nil {
			return err
		}
	}
	return nil
}

func (f cronField) checkItem(item string) error {
	values, step, hasStep := strings.Cut(item, "/")
	switch n, ok := number(step); {
	case item == "":
		return errors.New("an element of the list is empty")
	case item == "?":
		return errors.New(`"?" stands alone, in day-of-month or day-of-week`)
	case hasStep && values == "":
		return fmt.Errorf(`write where the steps begin: "%d%s" or "*%s"`, f.min, item, item)
	case hasStep && (!ok || n < 1 || n > f.max):
		return fmt.Errorf("a step is a number from 1 to %d, not %q", f.max, step)
	case values == "*":
		return nil
	}
	low, high, isRange := strings.Cut(values, "-")
	from, err := f.value(low)
	if err != nil {
		return err
	}
	if !isRange {
		return nil
	}
	to, err := f.value(high)
	if err != nil {
		return err
	}
	if from > to && f.noWrap {
		return fmt.Errorf("the range %s ends before it begins", values)
	}
	return nil
}

func (f cronField) value(text string) (int, error) {
	if at := slices.Index(f.names, text); at >= 0 {
		return f.min + at, nil
	}
	n, ok := number(text)
	if !ok || n < f.min || n > f.max {
		hint := ""
		if f.hint != nil {
			hint = f.hint(text)
		}
		return 0, fmt.Errorf("%q is not %s%s", text, f.values(), hint)
	}
	return n, nil
}

// number reads digits only, and not many.
func number(text string) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 16)
	return int(n), err == nil
}
