// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// BenchmarkListConnections reads a list of 10,000 connections: what a refresh
// of that many costs, however many resources read it.
func BenchmarkListConnections(b *testing.B) {
	const size = 10_000
	body := connectionList(b, size)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}))
	defer server.Close()
	http, err := httpclient.New(httpclient.Config{System: "Omni", BaseURL: server.URL})
	if err != nil {
		b.Fatal(err)
	}
	defer http.CloseIdleConnections()
	client := omni.NewClient(http, omni.DefaultAPIVersion)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		list, err := client.ListConnections(b.Context(), omni.ConnectionFilter{})
		if err != nil || len(list) != size {
			b.Fatalf("%d connections, error %v", len(list), err)
		}
	}
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
