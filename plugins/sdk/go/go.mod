module lincei

go 1.24
