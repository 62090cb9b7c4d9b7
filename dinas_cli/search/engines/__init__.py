"""Who places workers: processes of this machine, or Ray on a cluster; the folder of the run says what they do."""
