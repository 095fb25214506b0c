// The plain way to write it in Go: httputil.ReverseProxy, and the body decoded and encoded with encoding/json. Numbers are kept as they are
// written (UseNumber), the order of keys is not.
//
//	peer PORT UPSTREAM_PORT
package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"strings"
)

var filter = map[string]any{"term": map[string]any{"team": map[string]any{"value": "payments"}}}

func wrap(text []byte) ([]byte, error) {
	var body map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil {
		return nil, err
	}
	body["query"] = map[string]any{"bool": map[string]any{"filter": []any{filter}, "must": []any{body["query"]}}}
	return json.Marshal(body)
}

func wrapLines(text []byte) ([]byte, error) {
	var out bytes.Buffer
	for number, line := range bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n")) {
		if number%2 == 1 {
			wrapped, err := wrap(line)
			if err != nil {
				return nil, err
			}
			line = wrapped
		}
		out.Write(line)
		out.WriteByte('\n')
	}
	return out.Bytes(), nil
}

func serve(proxy *httputil.ReverseProxy) http.HandlerFunc {
	return func(answer http.ResponseWriter, request *http.Request) {
		text, err := io.ReadAll(request.Body)
		if err == nil && strings.Contains(request.URL.Path, "_msearch") {
			text, err = wrapLines(text)
		} else if err == nil {
			text, err = wrap(text)
		}
		if err != nil {
			http.Error(answer, err.Error(), http.StatusBadRequest)
			return
		}
		request.Body = io.NopCloser(bytes.NewReader(text))
		request.ContentLength = int64(len(text))
		request.Header.Set("Content-Length", strconv.Itoa(len(text)))
		proxy.ServeHTTP(answer, request)
	}
}

func main() {
	runtime.GOMAXPROCS(1)
	upstream, err := url.Parse("http://127.0.0.1:" + os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(upstream)
	proxy.Transport = &http.Transport{MaxIdleConns: 1024, MaxIdleConnsPerHost: 1024, DisableCompression: true, ReadBufferSize: 65536, WriteBufferSize: 65536}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], serve(proxy)))
}
