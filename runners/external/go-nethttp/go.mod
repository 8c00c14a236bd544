module concbench/go-nethttp

go 1.19
