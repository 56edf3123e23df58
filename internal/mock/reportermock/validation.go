// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock

import (
	"maps"
	"net"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// connectionInput is the body of a creation. Keys match in any case, the last of
// a name wins and unknown ones are ignored, as encoding/json does it.
type connectionInput struct {
	ConfigName   string         `json:"configName"`
	Type         string         `json:"type"`
	Host         string         `json:"host"`
	Port         int            `json:"port"`
	DatabaseName string         `json:"databaseName"`
	UserName     string         `json:"userName"`
	Password     string         `json:"password"`
	Schema       string         `json:"schema"`
	SSL          *sslInput      `json:"ssl"`
	Metadata     map[string]any `json:"metadata"`
}

// sslInput is the ssl object of a body.
type sslInput struct {
	Mode *string `json:"mode"`
	CA   *string `json:"ca"`
	Cert *string `json:"cert"`
	Key  *string `json:"key"`
}

// isEmpty reports whether the object means none.
func (i *sslInput) isEmpty() bool { return i == nil || *i == sslInput{} }

func (i *sslInput) secrets() []string {
	if i == nil {
		return nil
	}
	var out []string
	for _, value := range []*string{i.CA, i.Cert, i.Key} {
		if value != nil && *value != "" {
			out = append(out, *value)
		}
	}
	return out
}

func (in connectionInput) secrets() []string {
	out := in.SSL.secrets()
	if in.Password != "" {
		out = append(out, in.Password)
	}
	return out
}

// isEmpty reports whether the body says nothing.
func (in connectionInput) isEmpty() bool {
	return in.ConfigName == "" && in.Type == "" && in.Host == "" && in.Port == 0 && in.DatabaseName == "" &&
		in.UserName == "" && in.Password == "" && in.Schema == "" && in.SSL.isEmpty() && in.Metadata == nil
}

func emptyBody() *refusal { return invalid("Invalid payload", "FET-0001", "empty request body") }

var types = []string{"ORACLE", "SQL_SERVER", "POSTGRESQL", "MONGODB", "MYSQL"}

// sslModes are the modes of each type.
var sslModes = map[string][]string{
	"POSTGRESQL": {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"},
	"MYSQL":      {"false", "true", "skip-verify", "preferred"},
	"MONGODB":    {"disable", "false", "true", "enable", "insecure"},
	"ORACLE":     {"disable", "false", "true", "enable", "verify", "skip-verify"},
	"SQL_SERVER": {"disable", "false", "true", "strict"},
}

// check is the first stage of a creation. What is missing hides what is invalid.
func (in connectionInput) check() error {
	missing := map[string]string{}
	for name, absent := range map[string]bool{
		"configName": in.ConfigName == "", "type": in.Type == "", "host": in.Host == "", "port": in.Port == 0,
		"databaseName": in.DatabaseName == "", "userName": in.UserName == "", "password": in.Password == "",
	} {
		if absent {
			missing[name] = name + " is a required field"
		}
	}
	if len(missing) > 0 {
		return fieldsMissing("", missing)
	}
	wrong := map[string]string{}
	maps.Copy(wrong, checkType(in.Type))
	maps.Copy(wrong, checkHost(in.Host, "ConnectionInput"))
	maps.Copy(wrong, checkPort(in.Port))
	if len(wrong) > 0 {
		return fieldsInvalid("", wrong)
	}
	return nil
}

// check is the first stage of a change.
func (in updateInput) check() error {
	wrong := map[string]string{}
	if in.ConfigName != nil {
		switch length := utf8.RuneCountInString(*in.ConfigName); {
		case length < 3:
			wrong["configName"] = "configName must be at least 3 characters in length"
		case length > 100:
			wrong["configName"] = "configName must be a maximum of 100 characters in length"
		}
	}
	if in.Type != nil {
		maps.Copy(wrong, checkType(*in.Type))
	}
	if in.Host != nil {
		maps.Copy(wrong, checkHost(*in.Host, "ConnectionUpdateInput"))
	}
	if in.Port != nil {
		maps.Copy(wrong, checkPort(*in.Port))
	}
	if len(wrong) > 0 {
		return fieldsInvalid("", wrong)
	}
	return nil
}

func checkType(kind string) map[string]string {
	if slices.Contains(types, kind) {
		return nil
	}
	return map[string]string{"type": "type must be one of [" + strings.Join(types, " ") + "]"}
}

func checkHost(host, object string) map[string]string {
	if isHostname(host) || net.ParseIP(host) != nil {
		return nil
	}
	return map[string]string{"host": "Key: '" + object + ".host' Error:Field validation for 'host' failed on the 'hostname|ip' tag"}
}

func checkPort(port int) map[string]string {
	switch {
	case port < 1:
		return map[string]string{"port": "port must be 1 or greater"}
	case port > 65535:
		return map[string]string{"port": "port must be 65,535 or less"}
	}
	return nil
}

var label = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$`)

// isHostname follows RFC 952: the first character is a letter.
func isHostname(host string) bool {
	if host == "" || host[0] >= '0' && host[0] <= '9' {
		return false
	}
	for part := range strings.SplitSeq(host, ".") {
		if !label.MatchString(part) {
			return false
		}
	}
	return true
}

// model is what the second stage checks: a connection as it would be stored.
type model struct {
	product  string
	name     string
	kind     string
	host     string
	port     int
	database string
	user     string
	ssl      *sslInput
}

var namePattern = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

// check is the second stage. It names the fields in another spelling, and calls
// a name with wrong characters missing.
func (m model) check() error {
	missing := map[string]string{}
	require := func(value, field, words string) {
		if value == "" {
			missing[field] = words + " is required"
		}
	}
	require(m.name, "config_name", "config name")
	require(m.host, "host", "host")
	require(m.database, "database_name", "database name")
	require(m.user, "username", "username")
	require(m.product, "product_name", "product name")
	if m.name != "" && !namePattern.MatchString(m.name) {
		missing["config_name"] = "config name can only contain alphanumeric characters, underscores, and hyphens"
	}
	if m.ssl != nil {
		require(value(m.ssl.Mode), "ssl.mode", "SSL mode")
		require(value(m.ssl.CA), "ssl.ca", "SSL CA")
	}
	if len(missing) > 0 {
		return fieldsMissing("connection", missing)
	}
	wrong := map[string]string{}
	if len(m.name) < 3 || len(m.name) > 100 {
		wrong["config_name"] = "config name must be between 3 and 100 characters"
	}
	if m.ssl != nil && !slices.Contains(sslModes[m.kind], *m.ssl.Mode) {
		wrong["ssl.mode"] = "FET-0413 - Invalid SSL mode. The provided SSL mode '" + *m.ssl.Mode +
			"' is not supported. Please use a valid SSL mode for this database type."
	}
	if len(wrong) > 0 {
		return fieldsInvalid("connection", wrong)
	}
	return nil
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
