/** The controllers' service: one package for each controller, wired and led here. */
@NullMarked
package io.quarterdeck.controller;

import org.jspecify.annotations.NullMarked;
