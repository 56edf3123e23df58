// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// NormalizeBaseURL returns raw as scheme://host[:port][/prefix], in lower case up
// to the prefix, without outer white space and trailing slashes. Its errors say what
// is wrong and never repeat raw, which may hold a password.
func NormalizeBaseURL(raw string) (string, error) {
	const example = "; write it like https://example.com"
	text := strings.TrimSpace(raw)
	switch {
	case text == "":
		return "", errors.New("it is empty" + example)
	case hasControl(text):
		return "", errors.New("it contains a control character" + example)
	case strings.ContainsAny(text, `"'`):
		return "", errors.New("it has quotation marks in it" + example)
	case strings.Contains(text, "#"):
		return "", errors.New("it has a fragment (#...)" + example)
	case strings.Contains(text, "?"):
		return "", errors.New("it has a query (?...)" + example)
	}
	scheme, _, found := strings.Cut(text, "://")
	scheme = strings.ToLower(scheme)
	if !found || scheme != "http" && scheme != "https" {
		return "", errors.New("it does not begin with https:// or http://" + example)
	}
	// The parser's own errors quote the address, password and all.
	u, err := url.Parse(text)
	if err != nil {
		return "", errors.New("it is not a valid URL" + example)
	}
	if u.User != nil {
		return "", errors.New("it contains a user name or password; credentials have their own settings" + example)
	}
	if err := checkHost(u); err != nil {
		return "", errors.New(err.Error() + example)
	}
	prefix := strings.TrimRight(u.EscapedPath(), "/")
	if prefix != "" && (path.Clean(prefix) != prefix || hasDotSegment(u.Path)) {
		return "", errors.New("its path has empty, . or .. segments" + example)
	}
	if page := strings.ToLower(path.Base(prefix)); slices.Contains(pages(), page) {
		return "", fmt.Errorf("it ends in /%s, which is a web page: remove that%s", page, example)
	}
	return scheme + "://" + strings.ToLower(u.Host) + prefix, nil
}

// pages are the ends of addresses that people copy from a browser. No API is
// below them.
func pages() []string {
	return []string{"login", "logout", "signin", "sign-in", "home", "dashboards", "index.html"}
}

func checkHost(u *url.URL) error {
	host := u.Hostname()
	if host == "" {
		return errors.New("it has no host")
	}
	if strings.HasSuffix(u.Host, ":") {
		return errors.New("it ends its host with a colon but names no port")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return errors.New("its port is not a number from 1 to 65535")
		}
	}
	if strings.HasPrefix(u.Host, "[") {
		if ip, err := netip.ParseAddr(host); err != nil || ip.Zone() != "" {
			return errors.New("its host is not a valid IPv6 address")
		}
		return nil
	}
	for _, r := range host {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(".-_", r)) {
			return errors.New("its host has a character that host names cannot have (for other scripts use the xn-- form)")
		}
	}
	return nil
}

// IsPlainHTTP reports whether requests to baseURL cross a network unencrypted:
// http to a host that is not this machine.
func IsPlainHTTP(baseURL string) bool {
	u, err := url.Parse(baseURL)
	if err != nil || !strings.EqualFold(u.Scheme, "http") {
		return false
	}
	host := strings.ToLower(u.Hostname())
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return false
	}
	ip := net.ParseIP(host)
	return ip == nil || !ip.IsLoopback()
}

// CleanToken returns token without outer white space, such as the newline at the
// end of a file. It refuses what is around a token by mistake (its scheme, quotation
// marks), and what no header can hold; net/http would print such a token in its error.
// The errors never repeat the token.
func CleanToken(token secret.String) (secret.String, error) {
	text := strings.TrimSpace(token.Reveal())
	if scheme, _, found := strings.Cut(text, " "); found && strings.EqualFold(scheme, "bearer") {
		return secret.String{}, errors.New(`it begins with "Bearer", which is added when it is sent; remove that word`)
	}
	if strings.HasPrefix(text, "$") {
		return secret.String{}, errors.New("it begins with $, as the name of a variable does that nothing replaced: Terraform does not read variables of a shell")
	}
	if len(text) > 1 && strings.ContainsAny(text[:1], `"'`) && text[:1] == text[len(text)-1:] {
		return secret.String{}, errors.New("it is in quotation marks; remove them")
	}
	for _, r := range text {
		switch {
		case unicode.IsControl(r):
			return secret.String{}, errors.New("it contains a control character, such as a line break; check that it is a single token")
		case r > unicode.MaxASCII:
			return secret.String{}, errors.New("it contains a character that is not ASCII; check that it was copied as it is")
		}
	}
	return secret.New(text), nil
}

func hasControl(text string) bool { return strings.ContainsFunc(text, unicode.IsControl) }

// hasDotSegment reports whether a server could read text as a path that climbs.
func hasDotSegment(text string) bool {
	for segment := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '/' || r == '\\' }) {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}
