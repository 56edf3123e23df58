// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

// BenchmarkListConnections reads and decodes a list of connections: the first of a
// process, and one that is as the one before. Ten times as many take ten times as long.
func BenchmarkListConnections(b *testing.B) {
	for _, size := range []int{1_000, 10_000} {
		newClient := listing(b, size)
		list := func(b *testing.B, client *omni.Client) {
			b.Helper()
			list, err := client.ListConnections(b.Context(), omni.ConnectionFilter{})
			if err != nil || len(list) != size {
				b.Fatalf("%d connections, error %v", len(list), err)
			}
		}
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				list(b, newClient())
			}
		})
		b.Run(strconv.Itoa(size)+" again", func(b *testing.B) {
			client := newClient()
			list(b, client)
			b.ReportAllocs()
			for b.Loop() {
				list(b, client)
			}
		})
	}
}

// BenchmarkRefresh is a refresh of 100 connections of an organization with more: one
// list, however many resources read it.
func BenchmarkRefresh(b *testing.B) {
	for _, size := range []int{1_000, 10_000} {
		b.Run("100 of "+strconv.Itoa(size), func(b *testing.B) {
			newClient := listing(b, size)
			all, err := newClient().ListConnections(b.Context(), omni.ConnectionFilter{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				access := inventory.New(newClient())
				for i := range 100 {
					if _, err := access.Connection(b.Context(), all[i*size/100].ID); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// listing makes clients of a server that answers everything with a list of so many
// connections.
func listing(b *testing.B, size int) (newClient func() *omni.Client) {
	b.Helper()
	body := connectionList(b, size)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}))
	b.Cleanup(server.Close)
	http, err := httpclient.New(httpclient.Config{System: "Omni", BaseURL: server.URL})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(http.CloseIdleConnections)
	return func() *omni.Client { return omni.NewClient(http, omni.DefaultAPIVersion) }
}

// connectionList is the answer of a server with so many connections.
func connectionList(b *testing.B, size int) []byte {
	b.Helper()
	mock := omnimock.Start(b, omnimock.Options{})
	for i := range size {
		addPostgres(mock, fmt.Sprintf("Connection %d", i))
	}
	request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, mock.URL()+"/api/v1/connections", nil)
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+mock.Token())
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		b.Fatalf("status %d, error %v", response.StatusCode, err)
	}
	return body
}
