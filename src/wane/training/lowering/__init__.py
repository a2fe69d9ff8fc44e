"""Operations that are slow in a loop on a CPU, replaced in traced functions by faster ones."""
