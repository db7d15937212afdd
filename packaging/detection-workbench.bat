@echo off
rem Windows: opens Detection Workbench without leaving a console window behind.
start "" wscript.exe //nologo "%~dp0detection-workbench.vbs"
