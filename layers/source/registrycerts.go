package source

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// certDirs are the folders where engines look for a registry's certificates.
func certDirs(host string) []string {
	home, _ := os.UserHomeDir()
	return []string{
		filepath.Join("/etc/docker/certs.d", host),
		filepath.Join(home, ".config/docker/certs.d", host),
		filepath.Join("/etc/containers/certs.d", host),
		filepath.Join(home, ".config/containers/certs.d", host),
	}
}

// registryTLS trusts what the system trusts and the *.crt of those folders, and
// shows the *.cert with their *.key.
func registryTLS(dirs []string, insecure bool) (*tls.Config, error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // no system's roots: those of the folders alone
	}
	config := &tls.Config{RootCAs: roots, InsecureSkipVerify: insecure, MinVersion: tls.VersionTLS12}
	for _, dir := range dirs {
		files, _ := os.ReadDir(dir) // a folder that is not there has none
		for _, f := range files {
			if err := addCert(config, filepath.Join(dir, f.Name())); err != nil {
				return nil, err
			}
		}
	}
	return config, nil
}

// addCert adds what a file of such a folder holds, told by its name.
func addCert(config *tls.Config, path string) error {
	switch filepath.Ext(path) {
	case ".crt":
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !config.RootCAs.AppendCertsFromPEM(b) {
			return fmt.Errorf("%s: no certificate in it", path)
		}
	case ".cert":
		pair, err := tls.LoadX509KeyPair(path, strings.TrimSuffix(path, ".cert")+".key")
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		config.Certificates = append(config.Certificates, pair)
	}
	return nil
}
