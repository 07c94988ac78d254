rtl/regs/lhw_regs_pkg.sv
