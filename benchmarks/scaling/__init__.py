"""What docs/scaling.md shows: studies that outgrow memory, one device, or a small journal."""
