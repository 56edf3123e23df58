// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// The verdicts on a point.
const (
	Same      = "same"
	Different = "different"
	NotAsked  = "not asked"
)

// Row is a point with both answers.
type Row struct {
	ID      string `json:"id"`
	Asks    string `json:"asks"`
	Verdict string `json:"verdict"`
	Mock    string `json:"mock,omitempty"`
	Server  string `json:"server,omitempty"`
	Why     string `json:"why,omitempty"` // it was not asked
}

// Report compares a server with the mock. It holds no address, no id, no name
// and no secret.
type Report struct {
	System   string            `json:"system"`
	Provider string            `json:"provider"` // version
	Mock     map[string]string `json:"mock"`     // how the mock was set to be like the server
	Requests int               `json:"requests"`
	Rows     []Row             `json:"points"`
}

// Compare makes the rows of a report.
func Compare(system string, mock, server Survey) []Row {
	var rows []Row
	for _, point := range Points() {
		if point.System != system {
			continue
		}
		of, by := mock.Replies[point.ID], server.Replies[point.ID]
		row := Row{ID: point.ID, Asks: point.Asks, Mock: of.Answer, Server: by.Answer}
		switch {
		case by.NotAsked == "" && of.NotAsked == "" && of.Answer == by.Answer:
			row.Verdict = Same
		case by.NotAsked != "":
			row.Verdict, row.Why = NotAsked, by.NotAsked
		default:
			row.Verdict, row.Why = Different, of.NotAsked
		}
		rows = append(rows, row)
	}
	return rows
}

// Count returns how many rows have a verdict.
func (r Report) Count(verdict string) int {
	n := 0
	for _, row := range r.Rows {
		if row.Verdict == verdict {
			n++
		}
	}
	return n
}

// WriteTable prints the report for people: what differs, with both answers, then
// what could not be asked, then the rest in a line each.
func (r Report) WriteTable(w io.Writer) {
	for _, verdict := range []string{Different, NotAsked, Same} {
		for _, row := range r.Rows {
			if row.Verdict == verdict {
				_, _ = fmt.Fprintf(w, "%-10s %s: %s\n%s", row.Verdict, row.ID, row.Asks, row.details())
			}
		}
	}
	_, _ = fmt.Fprintf(w, "%s: %d the same, %d different, %d not asked, after %d requests\n",
		r.System, r.Count(Same), r.Count(Different), r.Count(NotAsked), r.Requests)
}

func (r Row) details() string {
	switch r.Verdict {
	case Different:
		return fmt.Sprintf("%-10s   mock:   %s\n%-10s   server: %s\n", "", strings.TrimSpace(r.Mock+" "+r.Why), "", r.Server)
	case NotAsked:
		return fmt.Sprintf("%-10s   %s\n", "", r.Why)
	}
	return fmt.Sprintf("%-10s   both:   %s\n", "", r.Server)
}

// WriteJSON writes reports, to be attached to an issue.
func WriteJSON(w io.Writer, reports []Report) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(map[string]any{"reports": reports})
}
