// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/live"
)

var (
	uuids     = regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`)
	names     = regexp.MustCompile(`(?i)tf[-_]acc[-_][a-z2-7]{14}`)
	keys      = regexp.MustCompile(`omni_osk_\w+`)
	urls      = regexp.MustCompile(`(?i)\bhttps?://[^\s"'<>\\]+`)
	addresses = regexp.MustCompile(`[\pL0-9._%+-]+@[\pL0-9.-]+`)
	hosts     = regexp.MustCompile(`(?i)\b([a-z0-9_-]+\.)+(com|net|org|io|co|dev|app|cloud|ai|eu|de|uk|us|br|local|internal|intern|intranet|lan|corp|home|test|invalid|example)\b`)
	ips       = regexp.MustCompile(`[0-9a-fA-F:.]{3,}`)
)

// ourDomain is that of the hosts that probes name; it is nobody's.
const ourDomain = "example.com"

// scrubber replaces what would tell servers, users and runs apart, and what is
// nobody's business: a server's own words may name its hosts and its people.
func scrubber(server *live.Server, user string) func(string) string {
	var known []string
	for text, replacement := range map[string]string{server.Token: "<secret>", password: "<secret>", user: "<user>"} {
		if text != "" {
			known = append(known, text, replacement)
		}
	}
	replacer, own := strings.NewReplacer(known...), ownHosts(server.Origin)
	return func(text string) string {
		text = keys.ReplaceAllString(replacer.Replace(text), "<secret>")
		text = addresses.ReplaceAllString(text, "<address>")
		text = own.ReplaceAllString(text, "<server>")
		text = urls.ReplaceAllString(text, "<address>")
		text = hosts.ReplaceAllStringFunc(text, func(host string) string {
			if strings.HasSuffix(strings.ToLower(host), ourDomain) {
				return host
			}
			return "<host>"
		})
		text = ips.ReplaceAllStringFunc(text, withoutIP)
		return names.ReplaceAllString(uuids.ReplaceAllString(text, "<id>"), "<name>")
	}
}

// ownHosts matches a server's origin, its host, and other hosts of the same domain.
func ownHosts(origin string) *regexp.Regexp {
	parsed, err := url.Parse(origin)
	if err != nil || parsed.Hostname() == "" {
		return regexp.MustCompile(regexp.QuoteMeta(origin))
	}
	host := regexp.QuoteMeta(parsed.Hostname())
	if labels := strings.Split(parsed.Hostname(), "."); len(labels) > 1 && withoutIP(parsed.Hostname()) == parsed.Hostname() {
		host = `[a-z0-9_.-]*\b` + regexp.QuoteMeta(strings.Join(labels[len(labels)-2:], "."))
	}
	return regexp.MustCompile(`(?i)(https?://)?\[?` + host + `\]?(:\d+)?`)
}

// withoutIP replaces an IP address, with its port if it has one.
func withoutIP(text string) string {
	address := strings.TrimRight(text, ".:")
	_, err := netip.ParseAddr(address)
	if _, portErr := netip.ParseAddrPort(address); err != nil && portErr != nil {
		return text
	}
	return "<host>" + text[len(address):]
}
