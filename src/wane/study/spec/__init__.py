"""What a study is: candidates, methods, selection, and the specification that holds them."""
