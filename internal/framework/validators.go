// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// stringCheck is a validator made of a description and a function, whose error
// becomes the diagnostic: where the value is a secret, it must not repeat it.
type stringCheck struct {
	description string
	warn        bool
	check       func(value string) error
}

func (v stringCheck) Description(context.Context) string         { return v.description }
func (v stringCheck) MarkdownDescription(context.Context) string { return v.description }

// ValidateString implements validator.String.
func (v stringCheck) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !IsSet(req.ConfigValue) {
		return
	}
	err := v.check(req.ConfigValue.ValueString())
	if err == nil {
		return
	}
	attribute, _, _ := strings.Cut(req.Path.String(), "[Value(") // of an element of a set: the problem shows it
	if _, isMistake := errors.AsType[mistake](err); v.warn && !isMistake {
		resp.Diagnostics.AddAttributeWarning(req.Path, "Unusual value of "+attribute, err.Error())
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Invalid value of "+attribute, err.Error())
}

// noLineEnd warns about a secret that ends with a line break, as those that are
// read from a file do. Of a PEM that end is part.
func noLineEnd() validator.String {
	return stringCheck{description: "no line break at the end", warn: true, check: func(value string) error {
		if strings.HasSuffix(value, "\n") && !strings.Contains(value, "-----BEGIN ") {
			return errors.New("the value ends with a line break, which would be sent as part of the secret. If it comes from a file or a command, wrap it in trimspace(...)")
		}
		return nil
	}}
}

// CheckString is a validator made of a function, whose error becomes the
// diagnostic: where the value is a secret, it must not repeat it.
func CheckString(description string, check func(value string) error) validator.String {
	return stringCheck{description: description, check: check}
}

// WarnString is [CheckString] with a function whose error is a warning only.
func WarnString(description string, check func(value string) error) validator.String {
	return stringCheck{description: description, warn: true, check: check}
}

// Element requires an element of a list of texts that is not empty.
func Element() validator.String { return refuseEmpty(ErrEmptyElement) }

func refuseEmpty(problem error) validator.String {
	return stringCheck{description: "not empty", check: func(value string) error {
		if value == "" {
			return problem
		}
		return nil
	}}
}

// ErrEmptyElement refuses an empty element; split gives one where there is nothing
// to split.
var ErrEmptyElement = errors.New("an element must not be empty. split(\",\", \"\") makes one: write compact(split(...)) for an empty list")

// PEMText refuses the path of a file in place of the text in it, and warns about a
// text that has the two characters \n where its lines end. Other texts are the
// server's to judge.
func PEMText() validator.String {
	return stringCheck{description: "a PEM text with real line ends", warn: true, check: func(value string) error {
		switch {
		case isFilePath.MatchString(value):
			return mistake{errors.New("this is the path of a file: give the text in it, with file(\"...\")")}
		case strings.Contains(value, "-----BEGIN ") && strings.Contains(value, `\n`) && !strings.Contains(value, "\n"):
			return ErrEscapedPEM
		}
		return nil
	}}
}

// isFilePath matches one line that begins or ends as the path of a PEM file does.
var isFilePath = regexp.MustCompile(`^([/~]|\.{1,2}/|[A-Za-z]:\\)[^\n]*$|^[^\n]*\.(pem|crt|cer|key)$`)

// ErrEscapedPEM says how to mend such a text.
var ErrEscapedPEM = errors.New("it has the two characters \\n where its lines end, as in JSON or in some secret stores. Write replace(<text>, \"\\\\n\", \"\\n\"), or decode it with jsondecode")

// OneOf refuses all values but these, and names the one that was meant.
func OneOf(allowed ...string) validator.String {
	return CheckString("one of "+strings.Join(allowed, ", "), func(value string) error { return CheckOneOf(value, allowed...) })
}

// CheckOneOf is the function of OneOf.
func CheckOneOf(value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	if meant := Nearest(value, allowed); meant != "" {
		return fmt.Errorf("%q is not one of %s; did you mean %q?", value, strings.Join(allowed, ", "), meant)
	}
	return fmt.Errorf("%q is not one of %s", value, strings.Join(allowed, ", "))
}

// KnownValue warns about a value that is not among the known ones: the server's
// set is open and grows.
func KnownValue(what string, known ...string) validator.String {
	return stringCheck{description: "one of " + strings.Join(known, ", ") + " (others only warn)", warn: true, check: func(value string) error {
		if value == "" || slices.Contains(known, value) { // an empty one has its own error
			return nil
		}
		meant := ""
		if name := Nearest(value, known); name != "" {
			meant = fmt.Sprintf(" Did you mean %q?", name)
		}
		return fmt.Errorf("%q is not %s that this provider knows: %s.%s It is sent as it is; the server decides, and nothing that depends on it is checked here", value, WithArticle(what), strings.Join(known, ", "), meant)
	}}
}

// KnownName is KnownValue for names that the server gives: one that is nearly
// another is a mistake, and refused.
func KnownName(what string, known ...string) validator.String {
	warning := KnownValue(what, known...).(stringCheck) //nolint:forcetypeassert // it is one
	return stringCheck{description: warning.description, warn: true, check: func(value string) error {
		if err := CheckSpelling(value, what, known); err != nil {
			return mistake{err}
		}
		return warning.check(value)
	}}
}

// CheckSpelling refuses a text that is nearly one of the known ones, and leaves others
// to the server. what is what they are.
func CheckSpelling(value, what string, known []string) error {
	if meant := Nearest(value, known); meant != "" && meant != value {
		return fmt.Errorf("%q is not %s; did you mean %q?", value, WithArticle(what), meant)
	}
	return nil
}

// mistake is an error of a check whose other errors only warn.
type mistake struct{ error }

// withPort is a host with a port behind it, which SQL Server's clients separate by a
// comma; an IPv6 address without brackets has more colons.
var withPort = regexp.MustCompile(`^(?:[^:]+|\[[^]]*\])([:,] *([0-9]*))$`)

// HostName refuses what is clearly an address of another kind than a host.
func HostName() validator.String {
	return stringCheck{description: "a host name or address, without scheme, port, path or spaces", check: CheckHostName}
}

// CheckHostName is the function of HostName.
func CheckHostName(value string) error {
	port := withPort.FindStringSubmatch(value)
	switch {
	case strings.Contains(value, "://"):
		return fmt.Errorf("a host has no scheme: %s", hostOf(value))
	case port != nil && port[2] == "":
		return fmt.Errorf("a host has no port: remove %q", port[1])
	case port != nil:
		return fmt.Errorf("a host has no port: remove %q and set port = %s", port[1], port[2])
	case strings.ContainsAny(value, " \t\r\n/?#@"):
		return errors.New("a host has no path, no user and no spaces")
	}
	return nil
}

// hostOf says what to write in place of a URL, whose user and password it leaves out.
func hostOf(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "":
		return "remove everything up to \"://\""
	case u.Port() != "":
		return fmt.Sprintf("write %q, and set port = %s", u.Hostname(), u.Port())
	default:
		return fmt.Sprintf("write %q", u.Hostname())
	}
}

// UUID requires an id as the server gives it.
func UUID() validator.String {
	return stringCheck{description: "a UUID", check: func(value string) error {
		_, err := ParseID(value)
		return err
	}}
}

// ParseID returns an id in the server's spelling. Ids become parts of URLs, so
// only the usual form of a UUID gets through.
func ParseID(text string) (string, error) {
	id := strings.ToLower(strings.TrimSpace(text))
	if parsed, err := uuid.Parse(id); err != nil || parsed.String() != id {
		return "", fmt.Errorf("%q is not an id: expected a UUID such as 550e8400-e29b-41d4-a716-446655440000", text)
	}
	return id, nil
}

// HTTPSURL requires an absolute https URL.
func HTTPSURL() validator.String {
	return stringCheck{description: "an absolute https URL", check: func(value string) error {
		u, err := url.Parse(value)
		if value != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
			return errors.New("expected an absolute URL that begins with https://")
		}
		return nil
	}}
}
