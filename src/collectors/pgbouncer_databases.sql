show databases
