package builder_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/imgtui/imgtui/layers/builder"
)

// TestABuildKitBehindTLS is reached with the certificates of BUILDKIT_TLS_DIR, and
// not without them.
func TestABuildKitBehindTLS(t *testing.T) {
	for _, address := range named(t) {
		socket, ok := strings.CutPrefix(address, "unix://")
		if !ok {
			continue
		}
		t.Run("unix", func(t *testing.T) {
			dir := t.TempDir()
			config := certify(t, dir)
			plain := lay(t, socket)
			l, err := tls.Listen("tcp", "127.0.0.1:0", config)
			if err != nil {
				t.Fatal(err)
			}
			w := &wire{Listener: l}
			t.Cleanup(w.cut)
			go w.serve("tcp", plain.Addr().String())
			at := "tcp://127.0.0.1:" + port(l)
			env := func(name string) string { return map[string]string{"BUILDKIT_TLS_DIR": dir, "BUILDKIT_HOST": at}[name] }
			e, err := builder.Dial(t.Context(), builder.Where{Env: env})
			if err != nil {
				t.Fatal(err)
			}
			if h := e.Host(); h.Address != at || h.Err != nil {
				t.Errorf("got %+v", h)
			}
			t.Cleanup(func() { e.Close() })
			s := newSite(t, "FROM {{base}}\nRUN echo {{nonce}} > /made\n", nil)
			s.built(e)
			if _, err := builder.Dial(t.Context(), builder.Where{Engine: at}); err == nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("without certificates: got %v", err)
			}
			if err := os.Remove(filepath.Join(dir, "cert.pem")); err != nil {
				t.Fatal(err)
			}
			if _, err := builder.Dial(t.Context(), builder.Where{Env: env}); err == nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("without a certificate of its own: got %v", err)
			}
		})
	}
}

func port(l net.Listener) string {
	_, p, _ := net.SplitHostPort(l.Addr().String())
	return p
}

// certify writes ca.pem, cert.pem and key.pem, which are both ends', and returns
// what a server wants that asks for them.
func certify(t *testing.T, dir string) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, body := range map[string][]byte{"ca.pem": cert, "cert.pem": cert, "key.pem": pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private})} {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	return &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert, NextProtos: []string{"h2"},
	}
}
