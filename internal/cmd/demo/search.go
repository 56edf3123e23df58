// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// holders returns the files below dir that hold one of the secrets, and how many
// files it read.
func holders(dir string, secrets ...string) (holding []string, read int, err error) {
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path) //nolint:gosec // G304: a file that the demo made
		if err != nil {
			return err
		}
		if content, err = unzip(content); err != nil {
			return err
		}
		read++
		if holds(string(content), secrets...) {
			holding = append(holding, path)
		}
		return nil
	})
	return holding, read, err
}

// unzip returns what is in an archive, as a saved plan is one; anything else it
// returns as it is.
func unzip(content []byte) ([]byte, error) {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return content, nil //nolint:nilerr // not an archive
	}
	var all bytes.Buffer
	for _, file := range archive.File {
		reader, err := file.Open()
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(&all, reader) //nolint:gosec // G110: an archive that the CLI just made
		if err != nil {
			return nil, err
		}
	}
	return all.Bytes(), nil
}

// holds reports whether text has one of the secrets in it, as it is or inside
// something that is base64 encoded, as the state keeps a provider's private
// data.
func holds(text string, secrets ...string) bool {
	for _, secret := range secrets {
		for _, form := range append(base64Forms(secret), secret) {
			if strings.Contains(text, form) {
				return true
			}
		}
	}
	return false
}

// base64Forms are what a secret looks like inside a longer text that was base64
// encoded. It depends on how many bytes precede it, modulo 3; the characters
// that hold bits of its neighbors are left out.
func base64Forms(secret string) []string {
	var forms []string
	for offset := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", offset) + secret))
		begin, end := (offset*8+5)/6, (offset+len(secret))*8/6
		forms = append(forms, encoded[begin:end])
	}
	return forms
}
