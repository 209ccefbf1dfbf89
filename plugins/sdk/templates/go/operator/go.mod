module {{name}}

go 1.24

require lincei v1.0.0

replace lincei => ./lincei
