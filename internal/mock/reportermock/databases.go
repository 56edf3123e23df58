// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// bucket is the allowance for tests of one connection.
type bucket struct {
	tokens float64
	at     time.Time
}

const (
	testsPerMinute = 10
	refill         = time.Minute / testsPerMinute
)

// take uses one up, or returns how long it takes until there is one.
func (b *bucket) take(now time.Time) time.Duration {
	b.tokens = min(testsPerMinute, b.tokens+float64(now.Sub(b.at))/float64(refill))
	b.at = now
	if b.tokens < 1 {
		return time.Duration((1 - b.tokens) * float64(refill))
	}
	b.tokens--
	return 0
}

// test opens a connection to the database and closes it. The limit counts what
// fails too, and connections that do not exist.
func (s *Server) test(c call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	now := s.now()
	allowance := s.testAllowance[id]
	if allowance == nil {
		allowance = &bucket{} // which has been filling since the first of all days
		s.testAllowance[id] = allowance
	}
	if wait := allowance.take(now); wait > 0 {
		seconds := int(math.Ceil(wait.Seconds()))
		return answer{}, s.tooMany(fmt.Sprintf("Connection test limit reached. Try again in %d seconds.", seconds))
	}
	found, err := s.lookupAny(id)
	if err != nil {
		return answer{}, err
	}
	if _, err := s.reach(found); err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, struct {
		Status    string `json:"status"`
		Message   string `json:"message"`
		LatencyMS int    `json:"latencyMs"`
	}{"success", "Connection successful", 6}}, nil
}

// reach returns the tables that a connection gets to see, or why it does not get
// through.
func (s *Server) reach(c *connection) (map[string][]string, error) {
	if s.opts.GuardHosts && !slices.Contains(s.internal, c) && leadsInside(c.host) {
		return nil, forbiddenHost()
	}
	password, ok := s.Vault.Secret(c.id, fieldPassword)
	if !ok {
		password = c.password
	}
	// Its addresses have no brackets around them.
	if c.kind == postgreSQL && strings.Contains(c.host, ":") {
		return nil, unreachable()
	}
	for _, d := range s.databases {
		if d.takes(c, password) {
			return visible(d.Tables, value(c.schema)), nil
		}
	}
	if s.opts.AnyDatabase {
		return nil, nil
	}
	return nil, unreachable()
}

const (
	postgreSQL = "POSTGRESQL"
	mySQL      = "MYSQL"
)

// takes reports whether the database lets the connection in. The name of the
// database and the password become part of a text without, or with too much,
// escaping.
func (d Database) takes(c *connection, password string) bool {
	name := c.database
	switch c.kind {
	case postgreSQL:
		name, _, _ = strings.Cut(name, "?")
		password = strings.ReplaceAll(password, " ", "+")
	case mySQL:
		name, _, _ = strings.Cut(name, "?")
		password = url.QueryEscape(password)
	}
	verifies := strings.HasPrefix(value(c.sslMode), "verify-") // modes of PostgreSQL alone
	return d.Host == c.host && d.Port == c.port && d.DatabaseName == name && d.UserName == c.user &&
		d.Password == password && !(d.PrivateCA && verifies)
}

// guard refuses an address inside the operator's network, if Options say so. It
// comes before all other checks of a body.
func (s *Server) guard(host string) error {
	if s.opts.GuardHosts && net.ParseIP(host) != nil && leadsInside(host) {
		return forbiddenHost()
	}
	return nil
}

// leadsInside reports whether a host is an address, or a name, that is not public.
// Choice: the real server looks names up; here their endings tell.
func leadsInside(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() || ip.IsMulticast()
	}
	host = strings.ToLower(host)
	return host == "localhost" || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".internal")
}

// visible returns the tables of one schema. Those of the default schema have no
// dot in their names.
func visible(tables map[string][]string, schema string) map[string][]string {
	out := map[string][]string{}
	for name, fields := range tables {
		prefix, _, qualified := strings.Cut(name, ".")
		if qualified && prefix == schema || !qualified && (schema == "" || schema == "public") {
			out[name] = fields
		}
	}
	return out
}

type table struct {
	Name   string   `json:"name"`
	Fields []string `json:"fields"`
}

func sortedTables(tables map[string][]string) []table {
	out := []table{}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		out = append(out, table{name, append([]string{}, slices.Sorted(slices.Values(tables[name]))...)})
	}
	return out
}

func (s *Server) schema(c call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	found, err := s.lookupAny(id)
	if err != nil {
		return answer{}, err
	}
	tables, err := s.reach(found)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, struct {
		ID           string  `json:"id"`
		ConfigName   string  `json:"configName"`
		DatabaseName string  `json:"databaseName"`
		Type         string  `json:"type"`
		Tables       []table `json:"tables"`
	}{found.id, found.name, found.database, found.kind, sortedTables(tables)}}, nil
}

// mapped is config name, table, fields.
type mapped map[string]map[string][]string

// schemaProblem is an inconsistency that a validation finds.
type schemaProblem struct {
	Type         string `json:"type"`
	DataSourceID string `json:"dataSourceId"`
	Table        string `json:"table,omitempty"`
	Field        string `json:"field,omitempty"`
}

// validateSchema compares names with what is there, whatever the product.
// Choice: the real server keeps what it found for five minutes; here it is
// always what is there now.
func (s *Server) validateSchema(c call) (answer, error) {
	var request struct {
		MappedFields mapped `json:"mappedFields"`
	}
	if err := c.decode(&request); err != nil {
		return answer{}, err
	}
	if err := request.MappedFields.check(); err != nil {
		return answer{}, err
	}
	if s.databaseDown {
		return answer{}, unavailable()
	}
	found := map[string]*connection{}
	for _, c := range slices.Concat(s.internal, s.live()) {
		if _, asked := request.MappedFields[c.name]; asked {
			found[c.name] = c
		}
	}
	if len(found) == 0 {
		return answer{}, invalid("No Connections Found", "FET-1062", "No connections configured for the requested datasources")
	}
	var problems []schemaProblem
	for _, name := range slices.Sorted(maps.Keys(request.MappedFields)) {
		problems = append(problems, s.compare(name, found[name], request.MappedFields[name])...)
	}
	if len(problems) > 0 {
		return answer{}, &refusal{Status: http.StatusUnprocessableEntity, Body: struct {
			Title   string          `json:"title"`
			Code    string          `json:"code"`
			Message string          `json:"message"`
			Errors  []schemaProblem `json:"errors"`
		}{"Schema validation failed", "FET-1060", "Schema validation found inconsistencies.", problems}}
	}
	return answer{http.StatusOK, struct {
		Status  string `json:"status"`
		Message string `json:"message"`
	}{"success", "Schema validated successfully. All datasources, tables, and fields exist."}}, nil
}

func (s *Server) compare(name string, c *connection, wanted map[string][]string) []schemaProblem {
	if c == nil {
		return []schemaProblem{{Type: "DATA_SOURCE_NOT_FOUND", DataSourceID: name}}
	}
	tables, err := s.reach(c)
	if err != nil {
		return []schemaProblem{{Type: "DATA_SOURCE_DOWN", DataSourceID: name}}
	}
	var problems []schemaProblem
	for _, table := range slices.Sorted(maps.Keys(wanted)) {
		fields, ok := tables[table]
		if !ok {
			problems = append(problems, schemaProblem{Type: "TABLE_NOT_FOUND", DataSourceID: name, Table: table})
			continue
		}
		for _, field := range wanted[table] {
			if !slices.Contains(fields, field) {
				problems = append(problems, schemaProblem{Type: "FIELD_NOT_FOUND", DataSourceID: name, Table: table, Field: field})
			}
		}
	}
	return problems
}

// check applies the limits of one validation.
func (m mapped) check() error {
	const badData, tooMany = "Invalid Data Request", "Validation Limit Exceeded"
	blank := func(text string) bool { return strings.TrimSpace(text) == "" }
	switch {
	case m == nil:
		return fieldsMissing("", map[string]string{"mappedFields": "mappedFields is a required field"})
	case len(m) == 0:
		return invalid(badData, "FET-0401", "mappedFields cannot be empty")
	case len(m) > 10:
		return invalid(tooMany, "FET-1061", "maximum 10 datasources allowed per validation request")
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		tables := m[name]
		switch {
		case blank(name):
			return invalid(badData, "FET-0401", "config name cannot be empty or whitespace-only")
		case len(tables) > 20:
			return invalid(tooMany, "FET-1061", fmt.Sprintf("maximum 20 tables allowed per datasource, got %d for '%s'", len(tables), name))
		}
		for _, table := range slices.Sorted(maps.Keys(tables)) {
			switch {
			case blank(table):
				return invalid(badData, "FET-0401", fmt.Sprintf("table name cannot be empty or whitespace-only in datasource '%s'", name))
			case len(tables[table]) > 50:
				return invalid(tooMany, "FET-1061", fmt.Sprintf("maximum 50 fields allowed per table, got %d for '%s.%s'", len(tables[table]), name, table))
			case slices.ContainsFunc(tables[table], blank):
				return invalid(badData, "FET-0401", fmt.Sprintf("field name cannot be empty or whitespace-only in '%s.%s'", name, table))
			}
		}
	}
	return nil
}

type wireDataSource struct {
	ID           string   `json:"id"`
	ExternalName string   `json:"externalName"`
	Type         string   `json:"type"`
	Tables       *[]table `json:"tables,omitempty"`
}

func (s *Server) listDataSources(call) (answer, error) {
	all := []wireDataSource{}
	for _, d := range s.opts.DataSources {
		all = append(all, wireDataSource{ID: d.ID, ExternalName: d.ExternalName, Type: d.Type})
	}
	slices.SortFunc(all, func(a, b wireDataSource) int { return cmp.Compare(a.ID, b.ID) })
	return answer{http.StatusOK, all}, nil
}

func (s *Server) getDataSource(c call) (answer, error) {
	for _, d := range s.opts.DataSources {
		if d.ID == c.segment {
			tables := sortedTables(d.Tables)
			return answer{http.StatusOK, wireDataSource{ID: d.ID, ExternalName: d.ExternalName, Type: d.Type, Tables: &tables}}, nil
		}
	}
	// Choice: the code is one of Reporter's own; the words were not seen.
	return answer{}, state(http.StatusNotFound, "TPL-0031", "Data Source Not Found", "The data source does not exist.")
}
